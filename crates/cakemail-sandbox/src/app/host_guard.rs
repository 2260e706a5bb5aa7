//! Refuses requests that a page of another site makes a browser of a user send.
//!
//! Such a page can use a host name that resolves to the address of the sandbox, which the `Host` header reveals; a form or a
//! script, which `Origin` reveals; or an image or a frame, which `Sec-Fetch-Site` reveals. A request without these headers
//! comes from a program, and is allowed.

use std::net::IpAddr;

use http::header::{HOST, HeaderName, ORIGIN};

use super::context::App;
use super::cors;
use super::public_url::host;
use crate::api::request::Request;
use crate::api::response::ApiResponse;

/// The links in emails, which are followed from any page. No other `GET` changes anything.
const LINKS: [&str; 4] = ["/_sandbox/open/", "/_sandbox/click/", "/_sandbox/unsubscribe/", "/_sandbox/confirm"];

pub(crate) fn check(app: &App, request: &Request<'_>) -> Result<(), ApiResponse> {
    let authority = text(request, HOST).unwrap_or_default();
    if !authority.is_empty() && !is_own_name(app, host(authority)) {
        let msg = format!("{authority} is not a name of this sandbox: reach it by {}, or allow this host", app.base);
        return Err(ApiResponse::not_admitted(&msg));
    }
    if cors::is_allowed(&app.config.origins, request.headers) {
        return Ok(());
    }
    let is_own = |origin: &str| {
        let is_of_host = |origin: &str| !authority.is_empty() && origin.eq_ignore_ascii_case(authority);
        origin.strip_prefix("http://").is_some_and(is_of_host) || origin.eq_ignore_ascii_case(app.base.origin())
    };
    let foreign = matches!(text(request, SEC_FETCH_SITE), Some("cross-site" | "same-site"));
    if text(request, ORIGIN).is_some_and(|origin| !is_own(origin)) || (foreign && !is_followed_link(request)) {
        let msg = "The sandbox serves its own pages and programs, not pages of other sites";
        return Err(ApiResponse::not_admitted(msg));
    }
    Ok(())
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The value of a header. One that is not text becomes `?`, which is refused.
fn text<'a>(request: &Request<'a>, name: HeaderName) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Whether this is a link that a user follows from another page, or a link in an email.
fn is_followed_link(request: &Request<'_>) -> bool {
    let opened =
        request.header("sec-fetch-mode") == Some("navigate") && request.header("sec-fetch-dest") == Some("document");
    request.method == "GET" && (opened || LINKS.iter().any(|link| request.path.starts_with(link)))
}

/// Whether a host name is one of this sandbox.
fn is_own_name(app: &App, name: &str) -> bool {
    let is_allowed = |allowed: &str| allowed.eq_ignore_ascii_case(name);
    // An address in a URL is the address that the browser connects to: only names can be made to resolve to others. The
    // machine's own addresses are not always known, for example in a container.
    let is_address = || name.parse::<IpAddr>().is_ok() && !app.listener.addr().ip().is_loopback();
    is_local(name) || is_allowed(app.base.host()) || app.config.hosts.iter().any(|it| is_allowed(it)) || is_address()
}

/// Whether a host name is a loopback address or `localhost`.
fn is_local(name: &str) -> bool {
    let local = |name: &str| name.eq_ignore_ascii_case("localhost") || name.to_lowercase().ends_with(".localhost");
    local(name) || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::public_url::host;
    use super::{LINKS, is_local};

    #[test]
    fn only_names_of_this_machine_are_local() {
        for authority in ["127.0.0.1:80", "127.8.9.1", "[::1]:8080", "localhost:1", "LOCALHOST", "cakemail.localhost:5"]
        {
            assert!(is_local(host(authority)), "{authority}");
        }
        for authority in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1:80", "[::2]", ":80"]
        {
            assert!(!is_local(host(authority)), "{authority}");
        }
    }

    #[test]
    fn each_get_that_changes_something_is_a_link_in_an_email() {
        let operations = &crate::api::document::control().unwrap().operations;
        let changing = operations.iter().filter(|operation| operation.method == "GET" && operation.changes);
        assert_eq!(changing.count(), LINKS.len());
    }
}
