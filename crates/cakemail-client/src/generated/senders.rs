//! Senders: the confirmed addresses that emails are sent from.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::SenderId;
use cakemail_model::senders::{
    CreateSender, DeleteSender, GetSender, ListSenders, ListSendersQuery, NewSender, PatchSender,
    ResendSenderConfirmation, Sender, SenderPatch,
};

use crate::listing::Paged;
use crate::{Client, Listing, Result};

/// Senders: the confirmed addresses that emails are sent from.
#[derive(Debug, Clone, Copy)]
pub struct Senders<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Senders: the confirmed addresses that emails are sent from.
    pub fn senders(&self) -> Senders<'_> {
        Senders { client: self }
    }
}

impl Senders<'_> {
    /// Lists the account's senders, confirmed or not.
    ///
    /// Only those with `confirmed` true can be used to send.
    ///
    /// `GET /brands/default/senders`
    pub fn list(&self, query: ListSendersQuery) -> Listing<Sender> {
        Listing::new(self.client, ListSenders { query })
    }

    /// Creates a sender.
    ///
    /// A sender with the account's own address is confirmed at once. Otherwise a confirmation email
    /// with a link goes to the address, and the sender cannot be used until the recipient follows
    /// the link or the link's id is given to `POST /brands/default/senders/confirm-email`. The link
    /// expires after 24 to 48 hours. The address cannot be changed later, only the name and the
    /// language.
    ///
    /// Before sending, the domain of the address must also be authenticated with SPF and DKIM. The
    /// API has no idempotency key. After a lost response, list the senders before trying again:
    /// every attempt may send a confirmation email.
    ///
    /// `POST /brands/default/senders`
    ///
    /// Not idempotent: the client does not repeat the call when its response is lost, and the
    /// error's outcome is [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn create(&self, sender: &NewSender) -> Result<Sender> {
        Ok(self.client.execute(&CreateSender { body: sender }).await?.data)
    }

    /// Shows one sender.
    ///
    /// Its `confirmed` shows whether the sender can be used.
    ///
    /// `GET /brands/default/senders/{sender_id}`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn get(&self, sender_id: &SenderId) -> Result<Sender> {
        Ok(self.client.execute(&GetSender { sender_id: sender_id.clone() }).await?.data)
    }

    /// Deletes a sender.
    ///
    /// Emails can no longer be sent from it. A repeat returns 404 or 400.
    ///
    /// `DELETE /brands/default/senders/{sender_id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn delete(&self, sender_id: &SenderId) -> Result<()> {
        self.client.execute_and_discard(&DeleteSender { sender_id: sender_id.clone() }).await
    }

    /// Changes a sender's name or language.
    ///
    /// The address cannot be changed: create another sender instead.
    ///
    /// `PATCH /brands/default/senders/{sender_id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn update(&self, sender_id: &SenderId, patch: &SenderPatch) -> Result<Sender> {
        Ok(self.client.execute(&PatchSender { sender_id: sender_id.clone(), body: patch }).await?.data)
    }

    /// Sends a sender's confirmation email again.
    ///
    /// Each call sends one more email. Use it when the link expired or was lost.
    ///
    /// `POST /brands/default/senders/{sender_id}/resend-confirmation-email`
    ///
    /// Not idempotent: the client does not repeat the call when its response is lost, and the
    /// error's outcome is [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn resend_confirmation(&self, sender_id: &SenderId) -> Result<()> {
        self.client.execute_and_discard(&ResendSenderConfirmation { sender_id: sender_id.clone() }).await
    }
}

impl Paged for ListSenders {
    type Item = Sender;

    fn page(&self) -> u64 {
        self.query.page.unwrap_or(1)
    }

    fn per_page(&self) -> Option<u64> {
        self.query.per_page
    }

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}
