//! The headers of requests, prepared once for each handle of a client.

use cakemail_model::Format;
use http::HeaderName;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};

/// The headers that every request of a handle carries.
#[derive(Debug, Clone)]
pub(crate) struct Headers {
    common: HeaderMap,
    /// The common headers with those of a request that sends and accepts JSON. Its `Authorization` is a placeholder.
    json: HeaderMap,
}

impl Headers {
    pub(crate) fn new(common: HeaderMap) -> Self {
        let placeholder = HeaderValue::from_static("");
        let json = complete(common.clone(), Some(Format::Json), Format::Json, Some(placeholder));
        Self { common, json }
    }

    /// The same headers and one more.
    pub(crate) fn with(&self, name: HeaderName, value: HeaderValue) -> Self {
        let mut common = self.common.clone();
        common.insert(name, value);
        Self::new(common)
    }

    /// The headers of one request. `body` is `None` for a request without a body.
    pub(super) fn for_request(
        &self,
        body: Option<Format>,
        accept: Format,
        authorization: Option<HeaderValue>,
    ) -> HeaderMap {
        match (body, accept, authorization) {
            (Some(Format::Json), Format::Json, Some(authorization)) => {
                let mut headers = self.json.clone();
                headers.insert(AUTHORIZATION, authorization);
                headers
            }
            (body, accept, authorization) => complete(self.common.clone(), body, accept, authorization),
        }
    }
}

fn complete(
    mut headers: HeaderMap,
    body: Option<Format>,
    accept: Format,
    authorization: Option<HeaderValue>,
) -> HeaderMap {
    headers.entry(ACCEPT).or_insert(accepted_types(accept));
    if let Some(body) = body {
        headers.insert(CONTENT_TYPE, content_type(body));
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
