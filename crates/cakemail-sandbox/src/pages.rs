//! The web inbox, and the documents: what is served as it is.

use crate::answer::Answer;
use crate::core::Incoming;
use crate::document::CONTROL;

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";

/// Path, content type, content.
const PAGES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("../web/index.html")),
    ("/openapi.json", "application/json", cakemail_model::OPENAPI),
    ("/_sandbox/openapi.json", "application/json", CONTROL),
];

pub(crate) fn page(request: &Incoming<'_>) -> Option<Answer> {
    let (_, kind, text) = PAGES.iter().find(|(path, ..)| *path == request.path)?;
    if request.method != "GET" {
        return Some(Answer::wrong_method("GET"));
    }
    let answer = Answer::other(kind, text.as_bytes())
        .with_header("content-security-policy", POLICY)
        .with_header("cache-control", "no-cache")
        .with_header("x-content-type-options", "nosniff")
        .with_header("referrer-policy", "no-referrer");
    Some(answer)
}
