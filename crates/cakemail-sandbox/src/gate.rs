//! Who is let in: whoever means this server, and no page of another one.
//!
//! A page on the web can make a browser on this machine ask here, by a name of its own that leads to 127.0.0.1 or by a
//! form. Its `Host`, or its `Origin`, gives it away.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};

use crate::answer::Answer;
use crate::core::{Core, Incoming};

pub(crate) fn admitted(core: &Core, request: &Incoming<'_>) -> Result<(), Answer> {
    let host = request.header(HOST).unwrap_or_default();
    if !core.start.non_loopback && !host.is_empty() && !is_here(host) {
        let msg = format!("{host} is not this sandbox's name: reach it by {}", core.base);
        return Err(Answer::not_admitted(&msg));
    }
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|it| it.eq_ignore_ascii_case(host));
    if request.header(ORIGIN).is_some_and(|origin| !own(origin)) {
        return Err(Answer::not_admitted("The sandbox answers its own pages and programs, not pages of other sites"));
    }
    Ok(())
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
