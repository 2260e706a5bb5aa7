//! The headers of requests, prepared once for each handle of a client.

use cakemail_model::Format;
use http::HeaderName;
use http::header::{
    self, ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue,
    USER_AGENT,
};

use crate::error::{Error, ErrorKind, Result};

/// The headers that every request of a handle carries.
#[derive(Debug, Clone)]
pub(crate) struct Headers {
    common: HeaderMap,
    /// The common headers with those of a request that sends and accepts JSON. Its `Authorization` and `Content-Length`
    /// are placeholders.
    json: HeaderMap,
}

impl Default for Headers {
    fn default() -> Self {
        let user_agent = HeaderValue::from_static(concat!("cakemail-rust/", env!("CARGO_PKG_VERSION")));
        // Responses are short, and a compressed one would have to be decompressed within a limit.
        let identity = HeaderValue::from_static("identity");
        Self::new(HeaderMap::from_iter([(USER_AGENT, user_agent), (ACCEPT_ENCODING, identity)]))
    }
}

impl Headers {
    fn new(common: HeaderMap) -> Self {
        let placeholder = HeaderValue::from_static("");
        let json = complete(common.clone(), Some((Format::Json, placeholder.clone())), Format::Json, Some(placeholder));
        Self { common, json }
    }

    /// The same headers for requests to this host.
    pub(crate) fn for_host(&self, host: HeaderValue) -> Self {
        self.and(HOST, host)
    }

    /// The same headers and one of the caller's, whose value is a secret.
    pub(crate) fn with(&self, name: &str, value: &str) -> Result<Self> {
        let (name, value) = validate(name, value)?;
        Ok(self.and(name, value))
    }

    fn and(&self, name: HeaderName, value: HeaderValue) -> Self {
        let mut common = self.common.clone();
        common.insert(name, value);
        Self::new(common)
    }

    /// The headers of one request. `body` has the length of its body, and is `None` for a request without one.
    pub(super) fn for_request(
        &self,
        body: Option<(Format, u64)>,
        accept: Format,
        authorization: Option<HeaderValue>,
    ) -> HeaderMap {
        let body = body.map(|(format, length)| (format, decimal(length)));
        match (body, accept, authorization) {
            (Some((Format::Json, length)), Format::Json, Some(authorization)) => {
                let mut headers = self.json.clone();
                // Unlike `insert`, this never grows the map, and neither does a transport that would set the length.
                for (name, value) in [(AUTHORIZATION, authorization), (CONTENT_LENGTH, length)] {
                    if let Some(placeholder) = headers.get_mut(name) {
                        *placeholder = value;
                    }
                }
                headers
            }
            (body, accept, authorization) => complete(self.common.clone(), body, accept, authorization),
        }
    }
}

/// A number as the value of a header. `HeaderValue::from` allocates twice.
fn decimal(number: u64) -> HeaderValue {
    HeaderValue::try_from(number.to_string()).unwrap_or_else(|_| number.into())
}

/// Parses a header of the caller's, and refuses one that is not the caller's to set.
fn validate(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let invalid =
        |why: &str| Error::new(ErrorKind::Configuration, format!("the header `{}` {why}", name.escape_debug()));
    let parsed = HeaderName::try_from(name).map_err(|_| invalid("has a name that is not valid in HTTP"))?;
    if is_reserved(&parsed) {
        return Err(invalid("cannot be set: the client or the transport sets it"));
    }
    let mut value = HeaderValue::try_from(value).map_err(|_| invalid("has a value that is not valid in HTTP"))?;
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// Whether a header is not the caller's to set. A second value of one that frames the message or belongs to the connection
/// would let two servers read two different requests.
fn is_reserved(name: &HeaderName) -> bool {
    const CONNECTION: [HeaderName; 8] = [
        header::CONNECTION,
        header::EXPECT,
        HOST,
        HeaderName::from_static("keep-alive"),
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    const OWN: [HeaderName; 3] = [ACCEPT, ACCEPT_ENCODING, AUTHORIZATION];
    const PREFIXES: [&str; 3] = ["content-", "http2-", "proxy-"];
    CONNECTION.contains(name) || OWN.contains(name) || PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))
}

fn complete(
    mut headers: HeaderMap,
    body: Option<(Format, HeaderValue)>,
    accept: Format,
    authorization: Option<HeaderValue>,
) -> HeaderMap {
    headers.insert(ACCEPT, accepted_types(accept));
    if let Some((format, length)) = body {
        headers.insert(CONTENT_TYPE, content_type(format));
        headers.insert(CONTENT_LENGTH, length);
    }
    if let Some(authorization) = authorization {
        headers.insert(AUTHORIZATION, authorization);
    }
    headers
}

fn content_type(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Form => "application/x-www-form-urlencoded",
        Format::Json | Format::Text => "application/json",
    })
}

fn accepted_types(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Text => "text/html, text/plain;q=0.9, application/json;q=0.8",
        Format::Json | Format::Form => "application/json",
    })
}
