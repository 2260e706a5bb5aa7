//! The URL at which clients reach the sandbox, possibly through a proxy.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Deref;

use http::Uri;

/// An `http` or `https` URL of a host, a port and a path. It ends without a slash, so that a path can follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    text: String,
    /// The length of the scheme and the authority.
    origin: usize,
}

impl PublicUrl {
    /// Reads a URL. Its path must not begin as one of the API's own paths does, of which `is_own` knows the first segments:
    /// a proxy may remove the path of this URL from a request or leave it.
    ///
    /// # Errors
    /// The reason why it cannot be the URL of a sandbox.
    pub(crate) fn parse(text: &str, is_own: impl Fn(&str) -> bool) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or("begin with http:// or https://")?;
        let scheme = scheme.to_ascii_lowercase();
        if !["http", "https"].contains(&scheme.as_str()) {
            return Err("begin with http:// or https://");
        }
        if rest.contains(['?', '#', '@']) {
            return Err("leave out the user, the query and the fragment");
        }
        let uri: Uri =
            format!("{scheme}://{rest}").parse().map_err(|_| "give a URL such as https://mail.example.com")?;
        let authority = uri.authority().ok_or("give a host")?;
        let host = authority.host().to_ascii_lowercase();
        let port = match authority.as_str()[host.len()..].strip_prefix(':') {
            // `Authority::port` ignores what is not a port.
            Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port > 0).ok_or("give a port up to 65535")?),
            None => None,
        };
        let port = port.filter(|port| *port != if scheme == "http" { 80 } else { 443 });
        let path = uri.path().trim_end_matches('/');
        let mut segments = path.split('/').skip(1);
        if segments.clone().any(|segment| !is_plain(segment)) {
            return Err("give a path of letters, digits, `-`, `_`, `.` and `~`");
        }
        if segments.next().is_some_and(is_own) {
            return Err("give a path that does not begin as one of the API's own paths");
        }
        let origin = format!("{scheme}://{host}{}", port.map(|port| format!(":{port}")).unwrap_or_default());
        Ok(Self { text: format!("{origin}{path}"), origin: origin.len() })
    }

    /// The URL of a listener for clients on this machine.
    pub(crate) fn of(addr: SocketAddr) -> Self {
        let ip = match addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let text = format!("http://{}", SocketAddr::new(ip, addr.port()));
        Self { origin: text.len(), text }
    }

    /// The scheme, the host and the port, as browsers write them in `Origin`.
    pub(crate) fn origin(&self) -> &str {
        &self.text[..self.origin]
    }

    /// The host without its port.
    pub(crate) fn host(&self) -> &str {
        host(self.origin().split_once("://").map_or("", |(_, authority)| authority))
    }

    /// The path: empty, or with a slash at its start only.
    pub(crate) fn path(&self) -> &str {
        &self.text[self.origin..]
    }

    /// The path of a request without the path of this URL, which a proxy leaves or removes.
    pub(crate) fn strip<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(self.path()) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }
}

/// The host of an authority, without its port and brackets.
pub(crate) fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether a segment of a path needs no encoding and means itself.
fn is_plain(segment: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    !["", ".", ".."].contains(&segment) && segment.chars().all(is_plain)
}

impl Deref for PublicUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    fn parse(text: &str) -> Result<PublicUrl, &'static str> {
        PublicUrl::parse(text, |segment| segment == "v2")
    }

    #[test]
    fn a_url_has_one_form() {
        for (text, url, origin, host, path) in [
            (
                "https://mail.example.com",
                "https://mail.example.com",
                "https://mail.example.com",
                "mail.example.com",
                "",
            ),
            (
                "HTTPS://Mail.Example.com:443/",
                "https://mail.example.com",
                "https://mail.example.com",
                "mail.example.com",
                "",
            ),
            ("http://a:80/b/c//", "http://a/b/c", "http://a", "a", "/b/c"),
            ("https://a:8443/B_c/", "https://a:8443/B_c", "https://a:8443", "a", "/B_c"),
            ("http://[::1]:8025/m", "http://[::1]:8025/m", "http://[::1]:8025", "::1", "/m"),
            ("http://127.0.0.1", "http://127.0.0.1", "http://127.0.0.1", "127.0.0.1", ""),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!((&*parsed, parsed.origin(), parsed.host(), parsed.path()), (url, origin, host, path), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_sandbox_is_refused() {
        for text in [
            "",
            "mail.example.com",
            "//a",
            "ftp://a",
            "http://",
            "https:///b",
            "https://a?b=c",
            "https://a/#b",
            "https://a#",
            "https://u:p@a",
            "https://u@a/",
            "https://a:",
            "https://a:99999",
            "https://a:0",
            "https://a:b",
            "https://a:-1",
            "https://a b",
            "https://a/b c",
            "https://a/b//c",
            "https://a/../b",
            "https://a/./b",
            "https://a/%2e",
            "https://a/b\"",
            "https://a/<b>",
            "https://a/v2",
            "https://a/v2/mail",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_proxy_may_leave_or_remove_the_path() {
        let url = parse("https://a/sub/path").unwrap();
        for (path, stripped) in [
            ("/sub/path", "/"),
            ("/sub/path/", "/"),
            ("/sub/path/v2/emails", "/v2/emails"),
            ("/v2/emails", "/v2/emails"),
            ("/", "/"),
            ("/sub/pathology", "/sub/pathology"),
            ("/sub", "/sub"),
            ("*", "*"),
        ] {
            assert_eq!(url.strip(path), stripped, "{path}");
        }
        assert_eq!(parse("https://a").unwrap().strip("/v2"), "/v2");
    }

    #[test]
    fn the_url_of_a_listener_works_on_this_machine() {
        for (addr, url) in [
            ("127.0.0.1:8025", "http://127.0.0.1:8025"),
            ("0.0.0.0:8025", "http://127.0.0.1:8025"),
            ("[::]:8025", "http://[::1]:8025"),
            ("[::1]:8025", "http://[::1]:8025"),
            ("10.0.0.7:80", "http://10.0.0.7:80"),
        ] {
            assert_eq!(&*PublicUrl::of(addr.parse().unwrap()), url);
        }
    }
}
