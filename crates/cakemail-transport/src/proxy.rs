//! The proxy between the transport and the server.

use std::env;
use std::fmt;

use http::Uri;

use crate::TransportError;
use crate::settings::invalid_request;

/// Which proxy a transport uses.
#[derive(Clone)]
pub(crate) enum Proxy {
    /// That of the environment or the system.
    System,
    Off,
    Custom(Uri),
}

/// The variables of the environment that name a proxy.
const VARIABLES: [&str; 6] = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

impl Proxy {
    /// Checks that every configured proxy has one of these schemes, since the libraries ignore others silently.
    pub(crate) fn check(&self, schemes: &[&str]) -> Result<(), TransportError> {
        match self {
            Self::Off => Ok(()),
            Self::Custom(uri) if is_usable(uri, schemes) => Ok(()),
            Self::Custom(_) => Err(unusable("the proxy of the settings", schemes)),
            // What is not UTF-8 is not a URL either, and the libraries ignore it.
            Self::System => {
                check_variables(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()), schemes)
            }
        }
    }
}

fn check_variables(variable: impl Fn(&str) -> Option<String>, schemes: &[&str]) -> Result<(), TransportError> {
    for name in VARIABLES {
        let value = variable(name).unwrap_or_default();
        if !value.is_empty() && !value.parse().is_ok_and(|uri| is_usable(&uri, schemes)) {
            return Err(unusable(&format!("the environment variable {name}"), schemes));
        }
    }
    Ok(())
}

/// A proxy without a scheme is an HTTP proxy.
fn is_usable(uri: &Uri, schemes: &[&str]) -> bool {
    uri.authority().is_some() && schemes.contains(&uri.scheme_str().unwrap_or("http"))
}

/// Does not quote the value, which may contain a password.
fn unusable(what: &str, schemes: &[&str]) -> TransportError {
    let schemes = schemes.join(":// or ");
    invalid_request(format!(
        "{what} is not the URL of a proxy that this transport supports: one that starts with {schemes}://"
    ))
}

#[cfg(feature = "hyper")]
impl Proxy {
    pub(crate) fn matcher(&self) -> Result<hyper_util::client::proxy::matcher::Matcher, TransportError> {
        use hyper_util::client::proxy::matcher::Matcher;

        self.check(&["http"])?;
        Ok(match self {
            Self::System => Matcher::from_system(),
            Self::Off => Matcher::builder().build(),
            Self::Custom(uri) => Matcher::builder().all(uri.to_string()).build(),
        })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            Self::Off => f.write_str("Off"),
            // The URI may contain a password.
            Self::Custom(uri) => write!(f, "Custom({})", uri.host().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_names_no_usable_proxy_is_an_error_that_names_the_variable() {
        for name in VARIABLES {
            for (value, is_usable) in [
                ("", true),
                ("http://proxy.example:3128", true),
                ("http://me:secret@proxy.example:3128/", true),
                ("proxy.example:3128", true),
                ("socks5://me:secret@proxy.example", false),
                ("https://me:secret@proxy.example", false),
                ("http://", false),
                ("/secret", false),
                ("not a secret url", false),
                ("http://\u{fffd}.example", false),
            ] {
                let result = check_variables(|asked| (asked == name).then(|| value.to_owned()), &["http"]);
                assert_eq!(result.is_ok(), is_usable, "{name}={value}");
                if let Err(error) = result {
                    let text = error.to_string();
                    assert!(text.contains(name) && !text.contains("secret"), "{text}");
                }
            }
        }
    }
}
