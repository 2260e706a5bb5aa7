//! Emails: submit one, get its state, render it as its recipient sees it.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::EmailId;
use cakemail_model::emails::{Email, GetEmail, RenderEmail, RenderEmailQuery};

use crate::{Client, Result};

/// Emails: submit one, get its state, render it as its recipient sees it.
#[derive(Debug, Clone, Copy)]
pub struct Emails<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Emails: submit one, get its state, render it as its recipient sees it.
    pub fn emails(&self) -> Emails<'_> {
        Emails { client: self }
    }
}

impl Emails<'_> {
    /// Shows a submitted email and its state.
    ///
    /// The status is the latest one; opens and clicks are counted beside it. The response has no
    /// bodies: see `GET /v2/emails/{email_id}/render`.
    ///
    /// `GET /v2/emails/{email_id}`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn get(&self, email_id: &EmailId) -> Result<Email> {
        self.client.execute(&GetEmail { email_id: email_id.clone() }).await
    }

    /// Renders a submitted email as HTML.
    ///
    /// The response is the page itself (`text/html`), not JSON. It contains the submitted HTML:
    /// treat it as untrusted when you show it.
    ///
    /// `GET /v2/emails/{email_id}/render`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn render(&self, email_id: &EmailId, query: RenderEmailQuery) -> Result<String> {
        self.client.execute(&RenderEmail { email_id: email_id.clone(), query }).await
    }
}
