//! Credentials, and the prompt for the code of a second factor.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cakemail_model::{AccountId, Secret};

use crate::error::{BoxError, Error, ErrorKind};

/// What a client obtains its access tokens with. `Debug` shows no password and no token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// A user name (an email address) and its password: tokens are obtained and renewed as needed.
    Password {
        /// The user's email address.
        username: String,
        /// The password.
        password: Secret,
        /// The account to act for, if it is not the user's own.
        account: Option<AccountId>,
    },
    /// An access token obtained elsewhere. The client cannot renew it.
    AccessToken(Secret),
    /// A refresh token, with which access tokens are obtained for as long as the server accepts it.
    RefreshToken(Secret),
}

impl Credentials {
    /// A user name and password.
    pub fn password(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Password { username: username.into(), password: password.into(), account: None }
    }

    /// An access token.
    pub fn access_token(token: impl Into<Secret>) -> Self {
        Self::AccessToken(token.into())
    }

    /// A refresh token.
    pub fn refresh_token(token: impl Into<Secret>) -> Self {
        Self::RefreshToken(token.into())
    }

    /// Reads the environment variables of Cakemail's own tools: `CAKEMAIL_ACCESS_TOKEN`, or `CAKEMAIL_EMAIL` and
    /// `CAKEMAIL_PASSWORD`. The access token takes precedence.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when neither is set.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let given = |name| variable(name).filter(|value| !value.trim().is_empty());
        if let Some(token) = given("CAKEMAIL_ACCESS_TOKEN") {
            return Ok(Self::access_token(token.trim()));
        }
        match (given("CAKEMAIL_EMAIL"), given("CAKEMAIL_PASSWORD")) {
            (Some(username), Some(password)) => Ok(Self::password(username.trim(), password)),
            (None, None) => Err(missing_credentials("no credentials are given")),
            (Some(_), None) => Err(missing_credentials("CAKEMAIL_EMAIL is set, but CAKEMAIL_PASSWORD is not")),
            (None, Some(_)) => Err(missing_credentials("CAKEMAIL_PASSWORD is set, but CAKEMAIL_EMAIL is not")),
        }
    }
}

/// The error of missing credentials, with the ways to give them.
pub(crate) fn missing_credentials(reason: &'static str) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!(
            "{reason}. Set CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD, or set CAKEMAIL_ACCESS_TOKEN, or give `Credentials` to the \
             builder. To try without an account, use the sandbox"
        ),
    )
}

/// The future of a code.
type Code = Pin<Box<dyn Future<Output = Result<Secret, BoxError>> + Send>>;

/// Asks for the code of a second factor, when the account requires multi-factor authentication: six digits, or a
/// recovery code of twelve hexadecimal digits.
#[derive(Clone)]
pub struct MfaPrompt(Arc<dyn Fn() -> Code + Send + Sync>);

impl MfaPrompt {
    /// A prompt that calls `ask`. The wait for the code counts towards the deadlines of the calls that need the token,
    /// but a code that arrives later is used by the next call.
    pub fn new<F, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Secret, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self(Arc::new(move || {
            let code = ask();
            Box::pin(async move { code.await.map_err(Into::into) })
        }))
    }

    pub(crate) fn ask(&self) -> Code {
        (self.0)()
    }
}

impl fmt::Debug for MfaPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaPrompt")
    }
}

#[cfg(test)]
mod tests {
    use super::Credentials;

    fn read(variables: &[(&str, &str)]) -> Result<Credentials, String> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Credentials::from_variables(find).map_err(|error| error.to_string())
    }

    #[test]
    fn an_access_token_takes_precedence_over_a_password() {
        let both = [("CAKEMAIL_EMAIL", "a@b.c"), ("CAKEMAIL_PASSWORD", " p "), ("CAKEMAIL_ACCESS_TOKEN", "t\n")];
        assert_eq!(read(&both), Ok(Credentials::access_token("t")));
        assert_eq!(read(&both[..2]), Ok(Credentials::password("a@b.c", " p ")));
    }

    #[test]
    fn an_error_names_the_missing_variable_and_the_ways_to_give_credentials() {
        for (variables, missing) in [
            (&[][..], "no credentials"),
            (&[("CAKEMAIL_EMAIL", "a@b.c")], "CAKEMAIL_PASSWORD is not"),
            (&[("CAKEMAIL_PASSWORD", "p")], "CAKEMAIL_EMAIL is not"),
            (&[("CAKEMAIL_ACCESS_TOKEN", " ")], "no credentials"),
        ] {
            let error = read(variables).unwrap_err();
            for words in
                [missing, "CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD", "CAKEMAIL_ACCESS_TOKEN", "`Credentials`", "sandbox"]
            {
                assert!(error.contains(words), "{error}");
            }
        }
    }

    #[test]
    fn debug_shows_no_password_and_no_token() {
        for credentials in [
            Credentials::password("a@b.c", "hunter2"),
            Credentials::access_token("hunter2"),
            Credentials::refresh_token("hunter2"),
        ] {
            assert!(!format!("{credentials:?}").contains("hunter2"));
        }
    }
}
