//! The token of the control API, for a sandbox that several teams share.

use std::fmt;

use http::header::COOKIE;

use crate::api::request::Request;

/// The token that changes through the control API need.
#[derive(Clone)]
pub(crate) struct ControlToken {
    text: String,
    /// Whether reading needs it, too.
    pub(crate) private: bool,
}

impl ControlToken {
    pub(crate) fn new(text: String) -> Self {
        Self { text, private: false }
    }

    /// Whether it can be sent as a bearer token and in a cookie.
    pub(crate) fn is_valid(&self) -> bool {
        let is_valid = |letter: char| letter.is_ascii_alphanumeric() || "-._~+/=".contains(letter);
        !self.text.is_empty() && self.text.chars().all(is_valid)
    }

    /// Whether a request carries it: as a bearer token, or in the cookie of a browser that has signed in.
    pub(crate) fn is_carried_by(&self, request: &Request<'_>, cookie: &str) -> bool {
        request.token().or_else(|| cookie_value(request, cookie)).is_some_and(|token| self.is(token))
    }

    /// Compares in a time that does not depend on where the texts differ.
    pub(crate) fn is(&self, text: &str) -> bool {
        let (ours, theirs) = (self.text.as_bytes(), text.as_bytes());
        ours.len() == theirs.len() && ours.iter().zip(theirs).fold(0, |all, (one, other)| all | (one ^ other)) == 0
    }
}

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlToken").field("private", &self.private).finish_non_exhaustive()
    }
}

fn cookie_value<'a>(request: &Request<'a>, name: &str) -> Option<&'a str> {
    let headers = request.headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let cookies = headers.flat_map(|value| value.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.into_iter().find(|(given, _)| *given == name).map(|(_, value)| value)
}
