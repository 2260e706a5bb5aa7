//! Accounts: the sending customer and its plan.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::accounts::{Account, GetSelfAccount};

use crate::{Client, Result};

/// Accounts: the sending customer and its plan.
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Accounts: the sending customer and its plan.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts { client: self }
    }
}

impl Accounts<'_> {
    /// Shows the account of the access token.
    ///
    /// The account's own address matters for senders: a sender with that address needs no
    /// confirmation. `usage_limits` says whether the Email API is enabled and what is left of the
    /// plan.
    ///
    /// `GET /accounts/self`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn me(&self) -> Result<Account> {
        Ok(self.client.execute(&GetSelfAccount {}).await?.data)
    }
}
