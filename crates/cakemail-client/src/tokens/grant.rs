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
use crate::credentials::{Credentials, MfaPrompt};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::pipeline::{self, CallOptions, Pipeline};

/// A token that the server granted.
pub(super) struct Grant {
    pub(super) token: AccessToken,
    /// `None` when the server did not state it: the token is used until it is rejected.
    pub(super) lifetime: Option<Duration>,
    /// The lifetime counts from here.
    pub(super) requested_at: Instant,
}

/// The end of a renewal.
pub(super) struct Renewed {
    pub(super) granted: Result<Grant>,
    /// The refresh token for the next renewal: a new one, or the old one if the server does not count it as used.
    pub(super) refresh_token: Option<Secret>,
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

    /// Whether a token can be requested without a refresh token.
    pub(super) fn has_password(&self) -> bool {
        matches!(self.credentials, Credentials::Password { .. })
    }

    /// Uses the refresh token if there is one, and the password when the server refuses it or may have used it up.
    pub(super) async fn renew(&self, refresh_token: Option<Secret>) -> Renewed {
        let Some(refresh_token) = refresh_token else { return self.sign_in(None).await };
        let request = TokenRequest::new().grant_type(GrantType::RefreshToken).refresh_token(refresh_token.clone());
        let error = match self.create(&request).await {
            Ok((grant, next)) => {
                return Renewed { granted: Ok(grant), refresh_token: next.or(Some(refresh_token)) };
            }
            Err(error) => error,
        };
        let (is_refused, is_lost) = (is_refusal(&error), is_lost(&error));
        match self.has_password() {
            true if is_refused || error.outcome() != Outcome::NotDone => {
                debug!(kind = ?error.kind(), "the refresh token was not exchanged: using the password");
                self.sign_in((!is_refused && !is_lost).then_some(refresh_token)).await
            }
            false if is_lost => Renewed { granted: Err(sign_in_again().with_source(error)), refresh_token: None },
            _ => Renewed { granted: Err(error), refresh_token: Some(refresh_token) },
        }
    }

    /// Uses the password. When that fails, `refresh_token` is left for the next renewal.
    async fn sign_in(&self, refresh_token: Option<Secret>) -> Renewed {
        let Credentials::Password { username, password, account } = &self.credentials else {
            return Renewed { granted: Err(sign_in_again()), refresh_token };
        };
        let mut request =
            TokenRequest::new().grant_type(GrantType::Password).username(username.as_str()).password(password.clone());
        request.account_id.clone_from(account);
        match self.create(&request).await {
            Ok((grant, next)) => Renewed { granted: Ok(grant), refresh_token: next },
            Err(error) => Renewed { granted: Err(error), refresh_token },
        }
    }

    /// Returns the grant and its refresh token.
    async fn create(&self, request: &TokenRequest) -> Result<(Grant, Option<Secret>)> {
        let requested_at = Instant::now();
        let operation = CreateToken { query: CreateTokenQuery::new(), body: request };
        let challenge = match pipeline::execute(&self.pipeline, None, &self.options, &operation).await {
            Ok(CreateTokenResponse::Token(token)) => return grant(token, requested_at),
            Ok(CreateTokenResponse::Challenge(challenge)) => challenge.challenge,
            Ok(_) => {
                let error = Error::new(ErrorKind::UnexpectedResponse, "the response contains no access token");
                return Err(error.in_operation(CreateToken::ID).with_attempts(1).with_outcome(Outcome::Done));
            }
            Err(error) => match error.challenge() {
                Some(challenge) => challenge.clone(),
                None => return Err(error),
            },
        };
        self.answer(challenge).await
    }

    /// Asks the prompt for the code of the second factor, and sends it.
    async fn answer(&self, challenge: Secret) -> Result<(Grant, Option<Secret>)> {
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
        grant(pipeline::execute(&self.pipeline, None, &self.options, &operation).await?, requested_at)
    }
}

fn grant(token: Token, requested_at: Instant) -> Result<(Grant, Option<Secret>)> {
    let lifetime = (token.expires_in > 0).then(|| Duration::from_secs(token.expires_in));
    let access_token = AccessToken::new(token.access_token).map_err(|error| error.with_outcome(Outcome::Done))?;
    Ok((Grant { token: access_token, lifetime, requested_at }, token.refresh_token))
}

/// Whether the server examined the credentials and refused them.
pub(super) fn is_refusal(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::MfaRequired | ErrorKind::Configuration => true,
        ErrorKind::RateLimited | ErrorKind::Server => false,
        _ => error.status().is_some_and(|status| status.is_client_error()),
    }
}

/// Whether the server may have exchanged the refresh token, and the response with the next one is lost. A server that
/// answers that it failed is taken to have kept it.
fn is_lost(error: &Error) -> bool {
    error.outcome() != Outcome::NotDone && error.kind() != ErrorKind::Server
}

/// The error of a refresh token that must not be sent a second time, where there is no password.
pub(super) fn sign_in_again() -> Error {
    let message = "the refresh token may have been used, and the response with the next one was lost";
    Error::new(ErrorKind::Authentication, message).in_operation(CreateToken::ID)
}
