//! Senders: the confirmed addresses that email comes from.

use cakemail_model::senders::{
    ConfirmSender, CreateSender, DeleteSender, GetSender, ListSenders, ListSendersQuery, NewSender, PatchSender,
    ResendSenderConfirmation, Sender, SenderConfirmation, SenderPatch,
};
use cakemail_model::{Secret, SenderId};

use crate::listing::paged;
use crate::{Listing, Result};

group! {
    /// Senders: the confirmed addresses that email comes from.
    Senders, senders
}

paged!(ListSenders => Sender);

impl Senders<'_> {
    /// The senders there are. `GET /brands/default/senders`
    pub fn list(&self, query: ListSendersQuery) -> Listing<Sender> {
        Listing::new(self.client, ListSenders { query })
    }

    /// One sender. `GET /brands/default/senders/{sender_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn get(&self, id: &SenderId) -> Result<Sender> {
        Ok(self.client.execute(&GetSender { sender_id: id.clone() }).await?.data)
    }

    /// Creates a sender. `POST /brands/default/senders`
    ///
    /// It is confirmed at once when its address is the account's own. Otherwise a mail with a link goes to the address,
    /// and it can send only once that link is followed.
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn create(&self, sender: &NewSender) -> Result<Sender> {
        Ok(self.client.execute(&CreateSender { body: sender }).await?.data)
    }

    /// Changes a sender's name or language; its address cannot be changed. `PATCH /brands/default/senders/{sender_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn update(&self, id: &SenderId, patch: &SenderPatch) -> Result<Sender> {
        Ok(self.client.execute(&PatchSender { sender_id: id.clone(), body: patch }).await?.data)
    }

    /// Deletes a sender. `DELETE /brands/default/senders/{sender_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn delete(&self, id: &SenderId) -> Result<()> {
        self.client.execute(&DeleteSender { sender_id: id.clone() }).await.map(drop)
    }

    /// Confirms a sender with the id from its confirmation mail. `POST /brands/default/senders/confirm-email`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn confirm(&self, confirmation_id: impl Into<Secret>) -> Result<Sender> {
        let body = SenderConfirmation::new(confirmation_id);
        Ok(self.client.execute(&ConfirmSender { body: &body }).await?.data)
    }

    /// Sends the confirmation mail again.
    /// `POST /brands/default/senders/{sender_id}/resend-confirmation-email`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn resend_confirmation(&self, id: &SenderId) -> Result<()> {
        self.client.execute(&ResendSenderConfirmation { sender_id: id.clone() }).await.map(drop)
    }
}
