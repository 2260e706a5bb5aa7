//! Tokens: for those who keep their own. A client obtains and renews its token by itself.

use cakemail_model::tokens::{
    AnswerChallenge, ChallengeResponse, CreateToken, CreateTokenQuery, CreateTokenResponse, RefreshToken,
    RefreshTokenQuery, Token, TokenRefresh, TokenRequest,
};

use crate::Result;

group! {
    /// Tokens, for those who keep their own: this client does not use what these calls answer.
    TokenRequests, tokens
}

impl TokenRequests<'_> {
    /// Obtains a token, or the challenge of a second factor. `POST /token`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn create(&self, request: &TokenRequest) -> Result<CreateTokenResponse> {
        self.client.execute(&CreateToken { query: CreateTokenQuery::new(), body: request }).await
    }

    /// Renews a token by the older, deprecated call. `PUT /token`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn refresh(&self, request: &TokenRefresh) -> Result<Token> {
        self.client.execute(&RefreshToken { query: RefreshTokenQuery::new(), body: request }).await
    }

    /// Answers the challenge of a second factor. `POST /token/challenge`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn answer(&self, answer: &ChallengeResponse) -> Result<Token> {
        self.client.execute(&AnswerChallenge { body: answer }).await
    }
}
