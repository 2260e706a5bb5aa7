//! Requests for tokens: with a refresh token, with a password, and with the code of a second factor.

use std::sync::Arc;
use std::time::Duration;

use cakemail_model::tokens::{
    AnswerChallenge, ChallengeResponse, CreateToken, CreateTokenQuery, CreateTokenResponse, GrantType, Token,
    TokenRequest,
};
use cakemail_model::{Operation, Secret};
use tokio::time::Instant;
use tracing::debug;

use crate::credential_provider::AccessToken;
use crate::credentials::{Credentials, MfaPrompt, missing_credentials};
use crate::error::{Error, ErrorKind, Result};
use crate::pipeline::{self, CallOptions, Pipeline};

/// A token that the server granted.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) token: AccessToken,
    pub(super) refresh_token: Option<Secret>,
    /// `None` when the server did not state it: the token is used until it is rejected.
    pub(super) lifetime: Option<Duration>,
    /// The lifetime counts from here.
    pub(super) requested_at: Instant,
}

impl Grant {
    fn new(token: Token, requested_at: Instant) -> Result<Self> {
        let lifetime = (token.expires_in > 0).then(|| Duration::from_secs(token.expires_in));
        let refresh_token = token.refresh_token;
        Ok(Self { token: AccessToken::new(token.access_token)?, refresh_token, lifetime, requested_at })
    }
}

/// Requests tokens from the server.
pub(super) struct TokenSource {
    credentials: Credentials,
    prompt: Option<MfaPrompt>,
    pipeline: Arc<Pipeline>,
    options: CallOptions,
}

impl TokenSource {
    pub(super) fn new(
        credentials: Credentials,
        prompt: Option<MfaPrompt>,
        pipeline: Arc<Pipeline>,
        options: CallOptions,
    ) -> Self {
        Self { credentials, prompt, pipeline, options }
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Uses the refresh token if there is one, and the password when the server refuses it.
    pub(super) async fn renew(&self, refresh_token: Option<Secret>) -> Result<Grant> {
        if let Some(refresh_token) = refresh_token {
            let request = TokenRequest::new().grant_type(GrantType::RefreshToken).refresh_token(refresh_token);
            match self.create(request).await {
                Err(error) if is_refusal(&error) && matches!(self.credentials, Credentials::Password { .. }) => {
                    debug!(kind = ?error.kind(), "the refresh token was refused: using the password");
                }
                granted => return granted,
            }
        }
        let Credentials::Password { username, password, account } = &self.credentials else {
            return Err(missing_credentials("these credentials cannot obtain another access token"));
        };
        let mut request =
            TokenRequest::new().grant_type(GrantType::Password).username(username.as_str()).password(password.clone());
        request.account_id.clone_from(account);
        self.create(request).await
    }

    async fn create(&self, request: TokenRequest) -> Result<Grant> {
        let requested_at = Instant::now();
        let operation = CreateToken { query: CreateTokenQuery::new(), body: &request };
        let challenge = match pipeline::execute(&self.pipeline, None, &self.options, &operation).await {
            Ok(CreateTokenResponse::Token(token)) => return Grant::new(token, requested_at),
            Ok(CreateTokenResponse::Challenge(challenge)) => challenge.challenge,
            Ok(_) => {
                let error = Error::new(ErrorKind::UnexpectedResponse, "the response contains no access token");
                return Err(error.in_operation(CreateToken::ID).with_attempts(1));
            }
            Err(error) => match error.challenge() {
                Some(challenge) => challenge.clone(),
                None => return Err(error),
            },
        };
        self.answer(challenge).await
    }

    /// Asks the prompt for the code of the second factor, and sends it.
    async fn answer(&self, challenge: Secret) -> Result<Grant> {
        let Some(prompt) = &self.prompt else {
            let error = Error::new(ErrorKind::MfaRequired, "multi-factor authentication is required");
            return Err(error.in_operation(CreateToken::ID).with_attempts(1));
        };
        let code = prompt
            .ask()
            .await
            .map_err(|cause| Error::new(ErrorKind::MfaRequired, format!("no MFA code was given: {cause}")))?;
        let requested_at = Instant::now();
        let operation = AnswerChallenge { body: &ChallengeResponse::new(challenge, code) };
        let token = pipeline::execute(&self.pipeline, None, &self.options, &operation).await?;
        Grant::new(token, requested_at)
    }
}

/// Whether the server examined the credentials and refused them.
pub(super) fn is_refusal(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::MfaRequired | ErrorKind::Configuration => true,
        ErrorKind::RateLimited | ErrorKind::Server => false,
        _ => error.status().is_some_and(|status| status.is_client_error()),
    }
}
