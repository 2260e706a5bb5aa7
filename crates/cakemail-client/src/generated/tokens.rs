//! Tokens: authentication of the caller.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::tokens::{AnswerChallenge, ChallengeResponse, Token};

use crate::{Client, Result};

/// Tokens: authentication of the caller.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequests<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Tokens: authentication of the caller.
    pub fn tokens(&self) -> TokenRequests<'_> {
        TokenRequests { client: self }
    }
}

impl TokenRequests<'_> {
    /// Completes multi-factor authentication and obtains an access token.
    ///
    /// Takes the challenge in the response of `POST /token` and a code from the user. A recovery
    /// code works once: do not repeat the request blindly.
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
