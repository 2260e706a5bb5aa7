//! A request before it reaches its handler.

use std::cell::OnceCell;
use std::time::Instant;

use http::HeaderMap;
use http::header::{AUTHORIZATION, AsHeaderName, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::body;
use super::document::Operation;
use super::field_error::FieldError;

/// An HTTP request that was read completely.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Whether its connection carried a request before.
    pub(crate) reused: bool,
    pub(crate) received: Instant,
}

impl<'a> Request<'a> {
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn content_type(&self) -> Option<&'a str> {
        self.header(CONTENT_TYPE)
    }

    /// The bearer token.
    pub(crate) fn token(&self) -> Option<&'a str> {
        let (scheme, token) = self.header(AUTHORIZATION)?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// A request for an operation. Its body is parsed once, when it is first needed.
pub(crate) struct RoutedRequest<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) operation: &'static Operation,
    /// The values of the parameters in the path.
    pub(crate) path: Map<String, Value>,
    body: OnceCell<Result<Value, FieldError>>,
}

impl<'a> RoutedRequest<'a> {
    pub(crate) fn new(request: &'a Request<'a>, operation: &'static Operation, path: Map<String, Value>) -> Self {
        Self { request, operation, path, body: OnceCell::new() }
    }

    /// The body before validation: `null` when the operation takes none, an error when it cannot be parsed.
    pub(crate) fn parsed_body(&self) -> &Result<Value, FieldError> {
        self.body.get_or_init(|| match &self.operation.body {
            Some(expected) => body::parse(expected, self.request.content_type(), self.request.body),
            None => Ok(Value::Null),
        })
    }

    /// The body before validation; `null` when there is none or it cannot be parsed.
    pub(crate) fn body(&self) -> &Value {
        self.parsed_body().as_ref().unwrap_or(&Value::Null)
    }
}
