//! The JSON form of a recording.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::RecordedExchange;
use super::redact::Redactor;
use super::{Exchange, RequestPattern};
use crate::error::BoxError;
use crate::{Dispatch, Response, TransportError, TransportErrorKind};

/// An exchange in JSON. An unknown field is an error, since it is a typing mistake.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawExchange {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RawError>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawError {
    #[serde(with = "RawKind")]
    kind: TransportErrorKind,
    #[serde(with = "RawDispatch")]
    dispatch: Dispatch,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TransportErrorKind", rename_all = "snake_case")]
enum RawKind {
    Request,
    Connect,
    Certificate,
    Timeout,
    ConnectionLost,
    Response,
    Body,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Dispatch", rename_all = "snake_case")]
enum RawDispatch {
    NotSent,
    MaybeSent,
}

impl<'de> Deserialize<'de> for Exchange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawExchange::deserialize(deserializer)?;
        exchange(raw).map_err(serde::de::Error::custom)
    }
}

fn exchange(raw: RawExchange) -> Result<Exchange, BoxError> {
    let method = raw.method.as_deref().map(str::parse::<Method>).transpose()?;
    let expected = RequestPattern { method, path: raw.path, body: raw.request_body };
    let outcome = match (raw.status, raw.error) {
        (Some(status), None) => Ok(response(status, raw.headers, raw.body)?),
        (None, Some(error)) => Err(TransportError::new(error.kind, error.dispatch, "a recorded error")),
        _ => return Err("an exchange needs either a status or an error".into()),
    };
    Ok(Exchange { expected, outcome })
}

fn response(status: u16, headers: BTreeMap<String, String>, body: Option<Value>) -> Result<Response, http::Error> {
    let mut response = http::Response::builder().status(status).body(Bytes::new())?;
    let mut headers = HeaderMap::try_from(&headers.into_iter().collect::<HashMap<_, _>>())?;
    *response.body_mut() = match body {
        None => Bytes::new(),
        Some(Value::String(text)) => text.into(),
        Some(json) => {
            headers.entry(CONTENT_TYPE).or_insert(http::HeaderValue::from_static("application/json"));
            json.to_string().into()
        }
    };
    *response.headers_mut() = headers;
    Ok(response)
}

/// The headers of responses that are recorded.
const HEADERS: [HeaderName; 3] = [CONTENT_TYPE, RETRY_AFTER, HeaderName::from_static("x-request-id")];

/// Writes exchanges whose outcome is known. The redactor remembers their secrets.
pub(super) fn to_json(exchanges: &[RecordedExchange], redactor: &mut Redactor) -> Value {
    let recorded = exchanges.iter().filter_map(|exchange| {
        let outcome = exchange.outcome.as_ref()?;
        let request = &exchange.request;
        redactor.learn(&request.headers);
        let mut raw = RawExchange {
            method: Some(request.method.to_string()),
            path: Some(redactor.url(request.uri.path_and_query().map_or("/", |it| it.as_str()))),
            request_body: redactor.body(&request.headers, &request.body),
            ..RawExchange::default()
        };
        match outcome {
            Ok(response) => {
                raw.status = Some(response.status().as_u16());
                raw.body = redactor.body(response.headers(), response.body());
                for name in HEADERS {
                    if let Some(value) = response.headers().get(&name).and_then(|value| value.to_str().ok()) {
                        raw.headers.insert(name.to_string(), redactor.text(value));
                    }
                }
            }
            Err((kind, dispatch)) => raw.error = Some(RawError { kind: *kind, dispatch: *dispatch }),
        }
        // It has texts and numbers only.
        serde_json::to_value(raw).ok()
    });
    recorded.collect()
}
