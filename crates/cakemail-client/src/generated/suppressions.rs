//! Suppressions: the addresses that receive no email.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::suppressions::{DeleteSuppression, ListSuppressions, ListSuppressionsQuery, Suppression};

use crate::listing::Paged;
use crate::{Client, Listing, Result};

/// Suppressions: the addresses that receive no email.
#[derive(Debug, Clone, Copy)]
pub struct Suppressions<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Suppressions: the addresses that receive no email.
    pub fn suppressions(&self) -> Suppressions<'_> {
        Suppressions { client: self }
    }
}

impl Suppressions<'_> {
    /// Lists the addresses and patterns to which nothing is delivered.
    ///
    /// Entries made by the system and by complaints are among them.
    ///
    /// `GET /suppressed-emails`
    pub fn list(&self, query: ListSuppressionsQuery) -> Listing<Suppression> {
        Listing::new(self.client, ListSuppressions { query })
    }

    /// Lifts the suppression of an address or a pattern.
    ///
    /// Entries that came from the system or from a complaint cannot be removed. A repeat returns
    /// 404 or 400.
    ///
    /// `DELETE /suppressed-emails/{email}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn remove(&self, email: impl Into<String>) -> Result<()> {
        self.client.execute_and_discard(&DeleteSuppression { email: email.into() }).await
    }
}

impl Paged for ListSuppressions {
    type Item = Suppression;

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
