//! Writes the bodies of requests.

use cakemail_model::{Format, Operation};
use cakemail_transport::Body;
use serde::Serialize;

use super::json;

/// Writes a body in memory. `capacity` is its expected length in bytes. Returns `None` when it cannot be serialized.
pub(crate) fn encode<T: Serialize + ?Sized>(format: Format, body: &T, capacity: usize) -> Option<Body> {
    let bytes = match format {
        Format::Form => serde_urlencoded::to_string(body).ok()?.into_bytes(),
        Format::Json | Format::Text => {
            let mut bytes = Vec::with_capacity(capacity);
            json::write(&mut bytes, body).ok()?;
            bytes
        }
    };
    Some(bytes.into())
}

/// Writes the body of an operation whose bodies are some hundred bytes long.
pub(crate) fn encode_small<O: Operation>(body: &O::Body) -> Option<Body> {
    encode(O::BODY, body, 256)
}
