//! The environment variables of the client, and the one rule by which they are read.

use std::ffi::OsString;

use crate::error::{Error, ErrorKind, Result};

pub(crate) const ACCESS_TOKEN: &str = "CAKEMAIL_ACCESS_TOKEN";
pub(crate) const ALLOW_HTTP: &str = "CAKEMAIL_ALLOW_HTTP";
pub(crate) const API_BASE: &str = "CAKEMAIL_API_BASE";
pub(crate) const EMAIL: &str = "CAKEMAIL_EMAIL";
pub(crate) const PASSWORD: &str = "CAKEMAIL_PASSWORD";

/// Reads a variable of this process: see [`parse`].
pub(crate) fn read(name: &'static str) -> Result<Option<String>> {
    parse(name, std::env::var_os(name))
}

/// The value of a variable, without the line end that `$(cat file)` in other shells and `.env` files leave. A blank
/// variable counts as unset.
pub(crate) fn parse(name: &'static str, value: Option<OsString>) -> Result<Option<String>> {
    let Some(value) = value else { return Ok(None) };
    let value = value.into_string().map_err(|_| {
        Error::new(ErrorKind::Configuration, format!("the environment variable {name} is not valid UTF-8"))
    })?;
    let value = without_line_end(&value);
    Ok((!value.trim().is_empty()).then(|| value.to_owned()))
}

/// A text without the line ends at its end.
pub(crate) fn without_line_end(text: &str) -> &str {
    text.trim_end_matches(['\r', '\n'])
}
