//! Users: the people who sign in.

use cakemail_model::users::{GetSelfUser, User};

use crate::Result;

group! {
    /// The user who has signed in.
    Users, users
}

impl Users<'_> {
    /// The user that the token belongs to. `GET /users/self`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn me(&self) -> Result<User> {
        Ok(self.client.execute(&GetSelfUser {}).await?.data)
    }
}
