//! Decodes the body of a successful response.

use cakemail_model::{Format, Operation, de};
use cakemail_transport::Response;
use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::classify::outcome_if_sent;
use crate::error::{Error, ErrorKind, Result};

/// Decodes a response of an operation, or the part of it that `T` has.
pub(crate) fn decode<O: Operation, T: DeserializeOwned>(response: &Response) -> Result<T> {
    let body = de::without_bom(response.body());
    if O::OUTPUT == Format::Text {
        let text = String::from_utf8_lossy(body).into_owned();
        let text = IntoDeserializer::<ValueError>::into_deserializer(text);
        return T::deserialize(text).map_err(|_| not_decodable::<O>(response, ""));
    }
    // Checked for UTF-8 once, so that no string in it has to be checked again.
    let text = std::str::from_utf8(body).ok();
    if let Some(decoded) = text.and_then(|text| serde_json::from_str(text).ok()) {
        return Ok(decoded);
    }
    // Decoded a second time, only to locate the error.
    let reader = &mut serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(reader).map_err(|error| not_decodable::<O>(response, &location(&error)))
}

/// Decodes a response whose content is of no use: it may be empty, as 204 is.
pub(crate) fn discard<O: Operation>(response: &Response) -> Result<()> {
    if response.body().trim_ascii().is_empty() {
        return Ok(());
    }
    decode::<O, O::Output>(response).map(drop)
}

/// Where a response cannot be decoded, without the value there.
fn location(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let cause = error.inner().to_string();
    match cause.starts_with("missing field").then(|| cause.split(" at line").next()).flatten() {
        Some(missing) if path == "." => format!(": {missing}"),
        Some(missing) => format!(": {missing} in `{path}`"),
        None if path == "." => String::new(),
        None => format!(": at `{path}`"),
    }
}

/// The status was a success, but the body is not what it should be.
fn not_decodable<O: Operation>(response: &Response, location: &str) -> Error {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(de::without_bom(response.body())).is_ok();
    let message = match is_json {
        true => format!("the response cannot be read{location}"),
        false => "the response is not from Cakemail: it is not JSON".to_owned(),
    };
    // Some other server may return 200 and any JSON to any request.
    let outcome = outcome_if_sent(O::IDEMPOTENCY);
    Error::new(ErrorKind::UnexpectedResponse, message).in_operation(O::ID).with_response(response).with_outcome(outcome)
}
