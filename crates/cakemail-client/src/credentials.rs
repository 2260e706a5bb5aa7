//! Credentials, and the prompt for the code of a second factor.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cakemail_model::{AccountId, Secret};

use crate::env;
use crate::error::{BoxError, Error, ErrorKind};

/// What a client obtains its access tokens with. `Debug` shows no user name, password or token.
#[derive(Clone, PartialEq, Eq)]
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
    /// A user name and password. A line end at the end of the password, as files of secrets have it, is removed.
    pub fn password(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        let password = Secret::from(env::without_line_end(password.into().expose()));
        Self::Password { username: username.into(), password, account: None }
    }

    /// An access token, without the white space around it.
    pub fn access_token(token: impl Into<Secret>) -> Self {
        Self::AccessToken(token.into().expose().trim().into())
    }

    /// A refresh token, without the white space around it.
    pub fn refresh_token(token: impl Into<Secret>) -> Self {
        Self::RefreshToken(token.into().expose().trim().into())
    }

    /// Reads the environment variables of Cakemail's own tools: `CAKEMAIL_ACCESS_TOKEN`, or `CAKEMAIL_EMAIL` and
    /// `CAKEMAIL_PASSWORD`. The access token takes precedence. A blank variable counts as unset.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when neither is set, or a variable is not valid UTF-8.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(env::read)
    }

    fn from_variables(variable: impl Fn(&'static str) -> Result<Option<String>, Error>) -> Result<Self, Error> {
        if let Some(token) = variable(env::ACCESS_TOKEN)? {
            return Ok(Self::access_token(token));
        }
        match (variable(env::EMAIL)?, variable(env::PASSWORD)?) {
            (Some(username), Some(password)) => Ok(Self::password(username.trim(), password)),
            (None, None) => Err(missing_credentials("no credentials are given")),
            (Some(_), None) => Err(missing_credentials("CAKEMAIL_EMAIL is set, but CAKEMAIL_PASSWORD is not")),
            (None, Some(_)) => Err(missing_credentials("CAKEMAIL_PASSWORD is set, but CAKEMAIL_EMAIL is not")),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { account, .. } => {
                f.debug_struct("Password").field("account", account).finish_non_exhaustive()
            }
            Self::AccessToken(token) => f.debug_tuple("AccessToken").field(token).finish(),
            Self::RefreshToken(token) => f.debug_tuple("RefreshToken").field(token).finish(),
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
    use super::{Credentials, env};

    fn read(variables: &[(&str, &str)]) -> Result<Credentials, String> {
        let find = |name| {
            let value = variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            env::parse(name, value)
        };
        Credentials::from_variables(find).map_err(|error| error.to_string())
    }

    #[test]
    fn line_ends_and_blank_variables_do_not_count() {
        let ada = |password| Ok(Credentials::password("ada@example.com", password));
        for (variables, credentials) in [
            (&[(env::ACCESS_TOKEN, " t\r\n")][..], Ok(Credentials::access_token("t"))),
            (&[(env::EMAIL, "ada@example.com\n"), (env::PASSWORD, " p w \n")], ada(" p w ")),
            (&[(env::EMAIL, "ada@example.com"), (env::PASSWORD, "p\r\n\n"), (env::ACCESS_TOKEN, "\n")], ada("p")),
        ] {
            assert_eq!(read(variables), credentials);
        }
        assert!(read(&[(env::EMAIL, "ada@example.com"), (env::PASSWORD, "\n")]).is_err());
        // As from files.
        assert_eq!(Credentials::password("a", "p\n"), Credentials::password("a", "p"));
        assert_eq!(Credentials::refresh_token("t\n"), Credentials::refresh_token("t"));
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf_8_is_named() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt;

        for name in [env::ACCESS_TOKEN, env::ALLOW_HTTP, env::API_BASE, env::EMAIL, env::PASSWORD] {
            let text = env::parse(name, Some(OsString::from_vec(vec![b'x', 0xff]))).unwrap_err().to_string();
            assert_eq!(text, format!("the environment variable {name} is not valid UTF-8"));
            assert_eq!(env::parse(name, None).unwrap(), None);
        }
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
