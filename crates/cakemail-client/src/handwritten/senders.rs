//! The confirmation of senders.

use cakemail_model::Secret;
use cakemail_model::senders::{ConfirmSender, Sender, SenderConfirmation};

use crate::{Result, Senders};

impl Senders<'_> {
    /// Confirms a sender with the id from its confirmation email. `POST /brands/default/senders/confirm-email`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the id is unknown or has expired, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn confirm(&self, confirmation_id: impl Into<Secret>) -> Result<Sender> {
        let body = SenderConfirmation::new(confirmation_id);
        Ok(self.client.execute(&ConfirmSender { body: &body }).await?.data)
    }
}
