//! Cross-origin requests (CORS) from pages whose origins were allowed by name.

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};

use crate::api::request::Request;
use crate::api::response::ApiResponse;

/// The methods that the operations have.
pub(super) const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/// How long a browser may remember the response to a preflight, in seconds.
const MAX_AGE: &str = "600";

/// Whether the request comes from a page of an allowed origin.
pub(super) fn is_allowed(origins: &[String], headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_some_and(|origin| origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()))
}

/// The response to a preflight, with which a browser asks whether a page may send a request.
pub(super) fn preflight(origins: &[String], request: &Request<'_>) -> Option<ApiResponse> {
    let asks = request.method == "OPTIONS" && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || !is_allowed(origins, request.headers) {
        return None;
    }
    let headers = request.header(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let response = ApiResponse::options(METHODS)
        .with_header("access-control-allow-methods", METHODS)
        .with_header("access-control-allow-headers", headers)
        .with_header("access-control-max-age", MAX_AGE);
    Some(response)
}

/// Lets the page of an allowed origin read a response.
pub(super) fn expose(origins: &[String], request: &HeaderMap, response: &mut HeaderMap) {
    if !origins.is_empty() {
        response.append(VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = request.get(ORIGIN).filter(|_| is_allowed(origins, request)) {
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    }
}
