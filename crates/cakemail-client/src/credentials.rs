//! How a client proves who it is.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cakemail_model::{AccountId, Secret};

use crate::{Error, ErrorKind};

/// What a client obtains its access tokens with. `Debug` shows no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// A user name (an email address) and its password: tokens are obtained and renewed as needed.
    Password {
        /// The user's email address.
        username: String,
        /// The password.
        password: Secret,
        /// The account to act for, when it is not the user's own.
        account: Option<AccountId>,
    },
    /// An access token that somebody else obtained. It cannot be renewed.
    AccessToken(Secret),
    /// A refresh token: access tokens are obtained with it for as long as the server renews it.
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

    /// From the environment, by the names that Cakemail's own tools use: `CAKEMAIL_ACCESS_TOKEN`, or else
    /// `CAKEMAIL_EMAIL` and `CAKEMAIL_PASSWORD`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when neither is there.
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
            (None, None) => Err(missing("no credentials are given")),
            (Some(_), None) => Err(missing("CAKEMAIL_EMAIL is set, but CAKEMAIL_PASSWORD is not")),
            (None, Some(_)) => Err(missing("CAKEMAIL_PASSWORD is set, but CAKEMAIL_EMAIL is not")),
        }
    }
}

/// There are no credentials, and how to give some.
pub(crate) fn missing(what: &'static str) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!(
            "{what}. Set CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD, or set CAKEMAIL_ACCESS_TOKEN, or give `Credentials` to the \
             builder. To try without an account, use the sandbox"
        ),
    )
}

/// The code that a prompt comes back with.
type Code = Pin<Box<dyn Future<Output = Result<Secret, Box<dyn std::error::Error + Send + Sync>>> + Send>>;

/// Asks for the code of a second factor, when the server challenges for one: six digits, or a recovery code of twelve
/// hexadecimal digits.
#[derive(Clone)]
pub struct MfaPrompt(Arc<dyn Fn() -> Code + Send + Sync>);

impl MfaPrompt {
    /// Asks by calling this.
    pub fn new<F, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Secret, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
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

    fn from(variables: &[(&str, &str)]) -> Result<Credentials, String> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Credentials::from_variables(find).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_gives_a_token_or_a_password() {
        let both = [("CAKEMAIL_EMAIL", "a@b.c"), ("CAKEMAIL_PASSWORD", " p "), ("CAKEMAIL_ACCESS_TOKEN", "t\n")];
        assert_eq!(from(&both), Ok(Credentials::access_token("t")));
        assert_eq!(from(&both[..2]), Ok(Credentials::password("a@b.c", " p ")));
    }

    #[test]
    fn what_is_missing_is_named_with_the_three_ways_to_give_it() {
        for (variables, named) in [
            (&[][..], "no credentials"),
            (&[("CAKEMAIL_EMAIL", "a@b.c")], "CAKEMAIL_PASSWORD is not"),
            (&[("CAKEMAIL_PASSWORD", "p")], "CAKEMAIL_EMAIL is not"),
            (&[("CAKEMAIL_ACCESS_TOKEN", " ")], "no credentials"),
        ] {
            let error = from(variables).unwrap_err();
            for words in
                [named, "CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD", "CAKEMAIL_ACCESS_TOKEN", "`Credentials`", "sandbox"]
            {
                assert!(error.contains(words), "{error}");
            }
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        for credentials in [
            Credentials::password("a@b.c", "hunter2"),
            Credentials::access_token("hunter2"),
            Credentials::refresh_token("hunter2"),
        ] {
            assert!(!format!("{credentials:?}").contains("hunter2"));
        }
    }
}
