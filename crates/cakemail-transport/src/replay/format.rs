//! The JSON form of a recording.

use std::collections::HashMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::Value;

use super::{Exchange, Expected};
use crate::error::BoxError;
use crate::{Dispatch, Response, TransportError, TransportErrorKind};

/// An exchange as it is written. A word that is none of these is a mistake, and said to be one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    method: Option<String>,
    path: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    headers: HashMap<String, String>,
    body: Option<Value>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    kind: Kind,
    dispatch: Whether,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Request,
    Connect,
    Timeout,
    ConnectionLost,
    Response,
    Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whether {
    NotSent,
    MaybeSent,
}

impl<'de> Deserialize<'de> for Exchange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        exchange(written).map_err(serde::de::Error::custom)
    }
}

fn exchange(written: Written) -> Result<Exchange, BoxError> {
    let method = written.method.as_deref().map(str::parse::<Method>).transpose()?;
    let expected = Expected { method, path: written.path };
    let outcome = match (written.status, written.error) {
        (Some(status), None) => Ok(response(status, &written.headers, written.body)?),
        (None, Some(failure)) => Err(failure.into()),
        _ => return Err("an exchange has either a status or an error".into()),
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

impl From<Failure> for TransportError {
    fn from(failure: Failure) -> Self {
        let kind = match failure.kind {
            Kind::Request => TransportErrorKind::Request,
            Kind::Connect => TransportErrorKind::Connect,
            Kind::Timeout => TransportErrorKind::Timeout,
            Kind::ConnectionLost => TransportErrorKind::ConnectionLost,
            Kind::Response => TransportErrorKind::Response,
            Kind::Body => TransportErrorKind::Body,
        };
        let dispatch = match failure.dispatch {
            Whether::NotSent => Dispatch::NotSent,
            Whether::MaybeSent => Dispatch::MaybeSent,
        };
        TransportError::new(kind, dispatch, "recorded")
    }
}
