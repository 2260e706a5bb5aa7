//! The interface through which the client gets its access tokens.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use cakemail_model::Secret;
use futures_util::FutureExt;
use http::HeaderValue;
use tokio::time::Instant;

use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::time;

/// Supplies the access tokens that requests are sent with.
///
/// A client with [`Credentials`](crate::Credentials) obtains, caches and renews its tokens by itself. Implement this
/// trait to take them from elsewhere, such as a vault, and pass it to
/// [`ClientBuilder::credential_provider`](crate::ClientBuilder::credential_provider).
///
/// All clones of a client share one provider, and many calls may use it at once. `Debug` must show no secret.
///
/// ```
/// use cakemail_client::{AccessToken, BoxError, CredentialProvider};
///
/// #[derive(Debug)]
/// struct TokenFile(std::path::PathBuf);
///
/// #[async_trait::async_trait]
/// impl CredentialProvider for TokenFile {
///     async fn token(&self) -> Result<AccessToken, BoxError> {
///         let token = std::fs::read_to_string(&self.0)?;
///         Ok(AccessToken::new(token.trim())?)
///     }
///
///     fn invalidate(&self, _: &AccessToken) -> bool {
///         true // another process may have written a new token
///     }
/// }
/// ```
#[async_trait]
pub trait CredentialProvider: fmt::Debug + Send + Sync + 'static {
    /// Returns a token that is ready to use. With `None`, the default, the call awaits [`token`](Self::token).
    fn cached(&self) -> Option<AccessToken> {
        None
    }

    /// Obtains a token.
    ///
    /// The wait counts towards the call's deadline, and the future is dropped when the deadline passes.
    ///
    /// # Errors
    /// Any error. The call then fails with [`ErrorKind::Authentication`] and this error as its source; an
    /// [`Error`](crate::Error) of the client is passed on unchanged. Nothing was sent.
    async fn token(&self) -> Result<AccessToken, BoxError>;

    /// Whether a token that was obtained earlier can still be sent. It is asked when a request had to wait for the rate
    /// limit after it got its token; with `false` the call obtains another one. `true` is the default.
    fn is_current(&self, token: &AccessToken) -> bool {
        let _ = token;
        true
    }

    /// Reports that the server rejected `token` with a 401. Returns whether [`token`](Self::token) can give another
    /// one: if so, the call repeats its request once.
    ///
    /// Many calls may report the same token, also after a new one was obtained.
    fn invalidate(&self, token: &AccessToken) -> bool;
}

/// An access token, ready to be sent. A clone is cheap. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(Arc<HeaderValue>);

impl AccessToken {
    /// Wraps a token.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when it contains characters that an HTTP header cannot hold.
    pub fn new(token: impl Into<Secret>) -> Result<Self> {
        let message = "the access token contains characters that an HTTP header cannot hold";
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.into().expose()))
            .map_err(|_| Error::new(ErrorKind::Configuration, message))?;
        value.set_sensitive(true);
        Ok(Self(Arc::new(value)))
    }

    /// The value of the header `Authorization`.
    pub(crate) fn authorization(&self) -> &HeaderValue {
        &self.0
    }

    /// Whether both are clones of one token, granted once.
    pub(crate) fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken")
    }
}

/// The message of the error when no token was obtained before the deadline.
pub(crate) const NO_TOKEN: &str = "no access token was obtained in time";

/// Obtains a token from a provider until the deadline. Its error, or its panic, becomes one of the client's.
pub(crate) async fn obtain(
    provider: &dyn CredentialProvider,
    deadline: Instant,
    timed_out: impl FnOnce() -> Error,
) -> Result<AccessToken> {
    let token = AssertUnwindSafe(async { provider.token().await }).catch_unwind();
    let failed = |message, cause: BoxError| Error::new(ErrorKind::Authentication, message).with_source(cause);
    let token = token.map(|token| match token {
        Ok(token) => token.map_err(|error| match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(error) => failed("the credential provider returned no access token", error),
        }),
        Err(panic) => Err(failed("the credential provider panicked", panic_message(&*panic).into())),
    });
    time::before(deadline, token, timed_out).await
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<&str>().map(|message| (*message).to_owned());
    message
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
