//! Adding suppressions.

use cakemail_model::suppressions::{CreateSuppression, NewSuppression};

use crate::{Result, Suppressions};

impl Suppressions<'_> {
    /// Suppresses an address (`ada@example.com`), a domain (`*@example.com`), or a local part at every domain
    /// (`ada@*`). `POST /suppressed-emails`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the pattern, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn add(&self, email: impl Into<String>) -> Result<()> {
        let body = NewSuppression::new(email);
        self.client.execute(&CreateSuppression { body: &body }).await.map(drop)
    }
}
