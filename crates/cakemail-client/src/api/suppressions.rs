//! Suppressions: the addresses that nothing is sent to.

use cakemail_model::suppressions::{
    CreateSuppression, DeleteSuppression, ListSuppressions, ListSuppressionsQuery, NewSuppression, Suppression,
};

use crate::listing::paged;
use crate::{Listing, Result};

group! {
    /// Suppressions: the addresses that nothing is sent to.
    Suppressions, suppressions
}

paged!(ListSuppressions => Suppression);

impl Suppressions<'_> {
    /// The addresses and patterns that are suppressed. `GET /suppressed-emails`
    pub fn list(&self, query: ListSuppressionsQuery) -> Listing<Suppression> {
        Listing::new(self.client, ListSuppressions { query })
    }

    /// Suppresses an address (`ada@example.com`), a domain (`*@example.com`) or a name everywhere (`ada@*`).
    /// `POST /suppressed-emails`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn add(&self, email: impl Into<String>) -> Result<()> {
        let body = NewSuppression::new(email);
        self.client.execute(&CreateSuppression { body: &body }).await.map(drop)
    }

    /// Lifts a suppression. Those that the system or a complaint has made stay. `DELETE /suppressed-emails/{email}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn remove(&self, email: impl Into<String>) -> Result<()> {
        self.client.execute(&DeleteSuppression { email: email.into() }).await.map(drop)
    }
}
