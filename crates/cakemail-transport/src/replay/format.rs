//! The JSON form of a recording.

use std::collections::HashMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::Value;

use super::{Exchange, RequestPattern};
use crate::error::BoxError;
use crate::{Dispatch, Response, TransportError, TransportErrorKind};

/// An exchange in JSON. An unknown field is an error, since it is a typing mistake.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExchange {
    method: Option<String>,
    path: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    headers: HashMap<String, String>,
    body: Option<Value>,
    error: Option<RawError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawError {
    #[serde(with = "RawKind")]
    kind: TransportErrorKind,
    #[serde(with = "RawDispatch")]
    dispatch: Dispatch,
}

#[derive(Deserialize)]
#[serde(remote = "TransportErrorKind", rename_all = "snake_case")]
enum RawKind {
    Request,
    Connect,
    Timeout,
    ConnectionLost,
    Response,
    Body,
}

#[derive(Deserialize)]
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
    let expected = RequestPattern { method, path: raw.path };
    let outcome = match (raw.status, raw.error) {
        (Some(status), None) => Ok(response(status, &raw.headers, raw.body)?),
        (None, Some(error)) => Err(TransportError::new(error.kind, error.dispatch, "a recorded error")),
        _ => return Err("an exchange needs either a status or an error".into()),
    };
    Ok(Exchange { expected, outcome })
}

fn response(status: u16, headers: &HashMap<String, String>, body: Option<Value>) -> Result<Response, http::Error> {
    let mut response = http::Response::builder().status(status).body(Bytes::new())?;
    let mut headers = HeaderMap::try_from(headers)?;
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
