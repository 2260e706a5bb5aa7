//! What a successful call knows beside its output.

use cakemail_transport::Response;
use http::StatusCode;

use crate::error::request_id;

/// What a successful call knows beside its output: see
/// [`Client::execute_with_metadata`](crate::Client::execute_with_metadata).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseMetadata {
    /// The status of the response.
    pub status: StatusCode,
    /// The server's id of the request (`X-Request-Id`), if it gave one. Cakemail's support asks for it.
    pub request_id: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
}

impl ResponseMetadata {
    pub(crate) fn new(response: &Response, attempts: u32) -> Self {
        Self { status: response.status(), request_id: request_id(response).map(str::to_owned), attempts }
    }
}
