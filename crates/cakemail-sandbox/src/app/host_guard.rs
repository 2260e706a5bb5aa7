//! Who is let in: whoever means this server, and no page of another one.
//!
//! A page on the web can make a browser on this machine ask here: by a name of its own that leads to 127.0.0.1, which its
//! `Host` gives away; by a form or a script, which its `Origin` does; by an image or a frame, which has neither, and which
//! `Sec-Fetch-Site` gives away. What is neither sent nor forbidden to be sent by a browser is a program, and let in.

use std::net::IpAddr;

use http::header::{HOST, HeaderName, ORIGIN};

use crate::api::response::Answer;
use crate::app::context::{Core, Incoming};

/// Where the links in a mail lead, which are followed from wherever it is read. No other `GET` changes anything.
pub(crate) const LINKS: [&str; 4] =
    ["/_sandbox/open/", "/_sandbox/click/", "/_sandbox/unsubscribe/", "/_sandbox/confirm"];

pub(crate) fn admitted(core: &Core, request: &Incoming<'_>) -> Result<(), Answer> {
    let host = text(request, HOST).unwrap_or_default();
    if !core.start.non_loopback && !host.is_empty() && !is_here(host) {
        let msg = format!("{host} is not this sandbox's name: reach it by {}", core.base);
        return Err(Answer::not_admitted(&msg));
    }
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|it| it.eq_ignore_ascii_case(host));
    let foreign = matches!(text(request, SEC_FETCH_SITE), Some("cross-site" | "same-site"));
    if text(request, ORIGIN).is_some_and(|origin| !own(origin)) || (foreign && !may_lead_here(request)) {
        return Err(Answer::not_admitted("The sandbox answers its own pages and programs, not pages of other sites"));
    }
    Ok(())
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A header's value. One that is no text is there, and nothing that is let in.
fn text<'a>(request: &Incoming<'a>, name: HeaderName) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Whether a page elsewhere may have a link to this: it leaves that page, or it is a mail's.
fn may_lead_here(request: &Incoming<'_>) -> bool {
    let opened =
        request.header("sec-fetch-mode") == Some("navigate") && request.header("sec-fetch-dest") == Some("document");
    request.method == "GET" && (opened || LINKS.iter().any(|link| request.path.starts_with(link)))
}

/// Whether a `Host` can only mean a server on this machine that was asked for by address, or as `localhost`.
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let local = |name: &str| name.eq_ignore_ascii_case("localhost") || name.to_lowercase().ends_with(".localhost");
    local(name) || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn names_of_this_machine() {
        for host in ["127.0.0.1:80", "127.8.9.1", "[::1]:8080", "localhost:1", "LOCALHOST", "cakemail.localhost:5"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1:80", "[::2]", ":80"]
        {
            assert!(!is_here(host), "{host}");
        }
    }
}
