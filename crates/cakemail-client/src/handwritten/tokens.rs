//! Obtaining tokens.

use cakemail_model::tokens::{
    CreateToken, CreateTokenQuery, CreateTokenResponse, RefreshToken, RefreshTokenQuery, Token, TokenRefresh,
    TokenRequest,
};

use crate::{Result, TokenRequests};

impl TokenRequests<'_> {
    /// Obtains a token, or the challenge of a second factor. `POST /token`
    ///
    /// # Errors
    /// [`Authentication`](crate::ErrorKind::Authentication) if the credentials are wrong, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn create(&self, request: &TokenRequest) -> Result<CreateTokenResponse> {
        self.client.execute(&CreateToken { query: CreateTokenQuery::new(), body: request }).await
    }

    /// Renews a token with the older, deprecated operation. `PUT /token`
    ///
    /// # Errors
    /// [`Authentication`](crate::ErrorKind::Authentication) if the refresh token is wrong, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn refresh(&self, request: &TokenRefresh) -> Result<Token> {
        self.client.execute(&RefreshToken { query: RefreshTokenQuery::new(), body: request }).await
    }
}
