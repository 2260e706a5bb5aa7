//! Tokens: how a caller proves who it is.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::tokens::{AnswerChallenge, ChallengeResponse, Token};

use crate::{Client, Result};

/// Tokens: how a caller proves who it is.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequests<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Tokens: how a caller proves who it is.
    pub fn tokens(&self) -> TokenRequests<'_> {
        TokenRequests { client: self }
    }
}

impl TokenRequests<'_> {
    /// Completes multi-factor authentication and obtains an access token.
    ///
    /// Takes the challenge that `POST /token` answered and a code from the user. A recovery code is
    /// presumably spent by its use, so do not repeat the request blindly.
    ///
    /// `POST /token/challenge`
    ///
    /// Not idempotent: the client does not repeat the call when its response is lost, and the
    /// error's outcome is [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`Authentication`](crate::ErrorKind::Authentication) if the credentials are wrong, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn answer(&self, body: &ChallengeResponse) -> Result<Token> {
        self.client.execute(&AnswerChallenge { body }).await
    }
}
