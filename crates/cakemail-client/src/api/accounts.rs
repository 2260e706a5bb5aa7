//! Accounts: who sends, and what the plan allows.

use cakemail_model::accounts::{Account, GetSelfAccount};

use crate::Result;

group! {
    /// The account itself: its state and what its plan allows.
    Accounts, accounts
}

impl Accounts<'_> {
    /// The account that the token belongs to. `GET /accounts/self`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn me(&self) -> Result<Account> {
        Ok(self.client.execute(&GetSelfAccount {}).await?.data)
    }
}
