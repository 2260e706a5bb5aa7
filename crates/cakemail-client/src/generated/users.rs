//! Users: the people who sign in.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::users::{GetSelfUser, User};

use crate::{Client, Result};

/// Users: the people who sign in.
#[derive(Debug, Clone, Copy)]
pub struct Users<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Users: the people who sign in.
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }
}

impl Users<'_> {
    /// Shows the user to whom the access token belongs.
    ///
    /// `GET /users/self`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn me(&self) -> Result<User> {
        Ok(self.client.execute(&GetSelfUser {}).await?.data)
    }
}
