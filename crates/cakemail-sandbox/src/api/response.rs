//! Responses: success and error bodies in the API's format.

use std::fmt::Write;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::field_error::FieldErrors;
use crate::domain::profile::{Missing, Profile};
use crate::engine::CommandError;

/// The result of a handler. Both sides are responses, so that `?` can return an error response.
pub(crate) type HandlerResult = Result<ApiResponse, ApiResponse>;

pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    pub(crate) body: ResponseBody,
    pub(crate) fidelity: Fidelity,
    /// More headers, by their lower-case names.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The email that it accepted.
    pub(crate) accepted: Option<Uuid>,
}

pub(crate) enum ResponseBody {
    None,
    Json(Value),
    /// JSON that is written already.
    Written(String),
    Html(String),
    /// A content type, and bytes that may not match it.
    Other(&'static str, Bytes),
}

/// The source of the behaviour behind a response.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fidelity {
    /// The guide or the official documentation says so.
    Documented,
    /// The OpenAPI document's shape says so.
    Spec,
    /// An assumption of the sandbox.
    Assumed,
}

impl Fidelity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Spec => "spec",
            Self::Assumed => "assumed",
        }
    }
}

impl ApiResponse {
    fn new(status: u16, body: ResponseBody, fidelity: Fidelity) -> Self {
        Self { status, body, fidelity, headers: Vec::new(), accepted: None }
    }

    /// 200 with a body that is not JSON.
    pub(crate) fn other(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::new(200, ResponseBody::Other(content_type, body.into()), Fidelity::Assumed)
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(200, ResponseBody::Json(body), Fidelity::Spec)
    }

    /// 200 with the fields of `head`, an object, and `rows` as `data`. Each row is written before the next one is made: a
    /// page of values takes thousands of pieces of memory, which cost more the more is stored.
    pub(crate) fn listing(head: &Value, rows: impl IntoIterator<Item = Value>) -> Self {
        let mut text = head.to_string();
        text.pop();
        text.push_str(if text.len() > 1 { ",\"data\":[" } else { "\"data\":[" });
        for (place, row) in rows.into_iter().enumerate() {
            // Writing to a text cannot fail.
            let _ = write!(text, "{}{row}", if place > 0 { "," } else { "" });
        }
        text.push_str("]}");
        Self::new(200, ResponseBody::Written(text), Fidelity::Spec)
    }

    pub(crate) fn created(body: Value) -> Self {
        Self::new(201, ResponseBody::Json(body), Fidelity::Spec)
    }

    pub(crate) fn html(body: String) -> Self {
        Self::new(200, ResponseBody::Html(body), Fidelity::Spec)
    }

    pub(crate) fn documented(mut self) -> Self {
        self.fidelity = Fidelity::Documented;
        self
    }

    pub(crate) fn assumed(mut self) -> Self {
        self.fidelity = Fidelity::Assumed;
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn detail(status: u16, entry: Value, fidelity: Fidelity) -> Self {
        Self::new(status, ResponseBody::Json(json!({"detail": [entry]})), fidelity)
    }

    /// 400 about one field; `loc` is its path, outermost first.
    pub(crate) fn bad_request(loc: &[&str], msg: impl Into<String>) -> Self {
        let entry = json!({"loc": loc, "msg": msg.into(), "type": "bad_request"});
        Self::detail(400, entry, Fidelity::Spec)
    }

    /// 400: the token's account may not do this.
    pub(crate) fn forbidden() -> Self {
        let entry = json!({"msg": "Forbidden", "type": "bad_request", "code": 8004});
        Self::detail(400, entry, Fidelity::Documented)
    }

    /// 422, with an entry for each invalid field.
    pub(crate) fn invalid(errors: impl Into<FieldErrors>) -> Self {
        Self::new(422, ResponseBody::Json(json!({"detail": errors.into().into_json()})), Fidelity::Spec)
    }

    /// 401 for a request without a token.
    pub(crate) fn not_authenticated() -> Self {
        Self::new(401, ResponseBody::Json(json!({"detail": "Not authenticated"})), Fidelity::Assumed)
            .with_header("www-authenticate", "Bearer")
    }

    /// 401 for an invalid token.
    pub(crate) fn invalid_token() -> Self {
        Self::unauthorized("The access token is wrong or has expired: obtain a new one")
    }

    /// 401 for a wrong token, password or code.
    pub(crate) fn unauthorized(msg: &str) -> Self {
        Self::detail(401, json!({"msg": msg, "type": "unauthorized"}), Fidelity::Documented)
            .with_header("www-authenticate", "Bearer")
    }

    /// 401 that requires the second factor.
    pub(crate) fn mfa_required(challenge: &str) -> Self {
        let entry = json!({"msg": "A second factor is required", "type": "unauthorized"});
        let body = json!({"detail": [entry], "challenge": challenge});
        Self::new(401, ResponseBody::Json(body), Fidelity::Documented).with_header("www-authenticate", "Bearer")
    }

    /// The resource in the path does not exist.
    pub(crate) fn missing(profile: &Profile, what: &str, id: impl std::fmt::Display) -> Self {
        let (status, kind) = match profile.missing_object {
            Missing::NotFound => (404, "not_found"),
            Missing::BadRequest => (400, "bad_request"),
        };
        Self::detail(status, json!({"msg": format!("{what} {id} not found"), "type": kind}), Fidelity::Assumed)
    }

    /// 403: the request comes from a page of another site.
    pub(crate) fn not_admitted(msg: &str) -> Self {
        Self::detail(403, json!({"msg": msg, "type": "forbidden"}), Fidelity::Assumed)
    }

    pub(crate) fn no_route() -> Self {
        Self::new(404, ResponseBody::Json(json!({"detail": "Not Found"})), Fidelity::Assumed)
    }

    /// The path has no operation with this method: 405, and 204 for `OPTIONS`.
    pub(crate) fn other_method(method: &str, allowed: &str) -> Self {
        if method == "OPTIONS" {
            return Self::options(allowed);
        }
        Self::new(405, ResponseBody::Json(json!({"detail": "Method Not Allowed"})), Fidelity::Assumed)
            .with_header("allow", allowed)
    }

    /// 204 that lists the methods of a path.
    pub(crate) fn options(allowed: &str) -> Self {
        Self::new(204, ResponseBody::None, Fidelity::Assumed).with_header("allow", allowed)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let msg = format!("The body of the request is larger than the sandbox accepts ({limit} bytes)");
        Self::detail(413, json!({"msg": msg, "type": "bad_request"}), Fidelity::Assumed)
    }

    /// 400: the body ended early, or its chunks are not valid.
    pub(crate) fn incomplete_body() -> Self {
        Self::detail(400, json!({"msg": "The body of the request broke off", "type": "bad_request"}), Fidelity::Assumed)
    }

    /// 408: the client did not send the body in time.
    pub(crate) fn body_timeout() -> Self {
        Self::detail(408, json!({"msg": "The body of the request stalled", "type": "bad_request"}), Fidelity::Assumed)
    }

    /// 503 while the sandbox is being closed.
    pub(crate) fn closing() -> Self {
        Self::detail(503, json!({"msg": "The sandbox is closing", "type": "internal_error"}), Fidelity::Assumed)
    }

    /// 429; no source documents a `Retry-After`.
    pub(crate) fn too_many_requests(retry_after: Option<String>) -> Self {
        let entry = json!({"msg": "Too many requests", "type": "too_many_requests"});
        let response = Self::detail(429, entry, Fidelity::Assumed);
        retry_after.into_iter().fold(response, |response, value| response.with_header("retry-after", value))
    }

    pub(crate) fn internal_error(msg: &str) -> Self {
        Self::detail(500, json!({"msg": msg, "type": "internal_error"}), Fidelity::Assumed)
    }

    /// 507: the change cannot be written to the sandbox's file, so it was not made.
    pub(crate) fn not_recorded(msg: &str) -> Self {
        Self::detail(507, json!({"msg": msg, "type": "insufficient_storage"}), Fidelity::Assumed)
    }

    /// The response to a command that had no effect; `loc` is the field that requested it.
    pub(crate) fn command_error(error: &CommandError, loc: &[&str]) -> Self {
        match error {
            CommandError::NotRecorded(_) => Self::not_recorded(&error.to_string()),
            CommandError::Rejected(reason) => Self::bad_request(loc, *reason),
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let (content_type, body) = match self.body {
            ResponseBody::None => (None, Bytes::new()),
            ResponseBody::Json(value) => (Some("application/json"), value.to_string().into()),
            ResponseBody::Written(text) => (Some("application/json"), text.into()),
            ResponseBody::Html(text) => (Some("text/html; charset=utf-8"), text.into()),
            ResponseBody::Other(content_type, bytes) => (Some(content_type), bytes),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let fidelity = HeaderValue::from_static(self.fidelity.as_str());
        headers.insert(HeaderName::from_static("x-sandbox-fidelity"), fidelity);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl From<CommandError> for ApiResponse {
    fn from(error: CommandError) -> Self {
        Self::command_error(&error, &["body"])
    }
}
