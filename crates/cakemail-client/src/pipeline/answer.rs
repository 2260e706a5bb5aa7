//! Status and answer: what the server says has become of a call.

use std::time::{Duration, SystemTime};

use cakemail_model::{Detail, DetailKind, Format, Operation};
use cakemail_transport::Response;
use http::header::{DATE, HeaderMap, RETRY_AFTER};
use http::{HeaderName, StatusCode};
use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::{Call, if_delivered};
use crate::error::{Error, ErrorKind, Outcome};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lets a success pass, and makes an error of everything else.
pub(super) fn accept(call: &Call<'_>, response: Response) -> Result<Response, Error> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let detail = Detail::read(response.body());
    let (kind, message) = meaning(status, &detail);
    // A refusal is proof that nothing was done. A server that failed may have done it first.
    let may_be_done = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
    let outcome = if may_be_done { if_delivered(call.route.effect) } else { Outcome::NotDone };
    let request_id =
        response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(|id| id.chars().take(100).collect());
    Err(Error::new(kind, message)
        .in_operation(call.route.id)
        .with_answer(status, request_id, retry_after(response.headers()))
        .with_detail(detail)
        .with_outcome(outcome))
}

/// Code 8004 of the API: the account is not allowed to do this. It comes as a 400.
const NOT_ALLOWED: i64 = 8004;

fn meaning(status: StatusCode, detail: &Detail) -> (ErrorKind, &'static str) {
    match status.as_u16() {
        _ if detail.challenge.is_some() => (ErrorKind::MfaRequired, "multi-factor authentication is required"),
        401 => (ErrorKind::Authentication, "the credentials or the access token were rejected"),
        _ if detail.code == Some(NOT_ALLOWED) => (ErrorKind::Forbidden, "the account is not allowed to do this"),
        403 => (ErrorKind::Forbidden, "the account is not allowed to do this"),
        // What a web server says to a call that it does not know.
        400 | 404 | 405 if detail.kind == DetailKind::Foreign => {
            (ErrorKind::UnexpectedResponse, "the response is not from Cakemail")
        }
        404 => (ErrorKind::NotFound, "the resource does not exist"),
        408 | 500..=599 => (ErrorKind::Server, "the server failed"),
        429 => (ErrorKind::RateLimited, "too many requests"),
        300..=399 => (ErrorKind::UnexpectedResponse, "the response is a redirect, and redirects are not followed"),
        _ => (ErrorKind::BadRequest, "the server rejected the request"),
    }
}

/// How long a server asks to wait: in seconds, or until a date by its own clock.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(date.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

/// Reads a success of an operation, or as much of it as `T` has.
pub(crate) fn decode<O: Operation, T: DeserializeOwned>(response: &Response) -> Result<T, Error> {
    let body = response.body();
    if O::OUTPUT == Format::Text {
        let text = String::from_utf8_lossy(body).into_owned();
        let text = IntoDeserializer::<ValueError>::into_deserializer(text);
        return T::deserialize(text).map_err(|_| unreadable::<O>(response, String::new()));
    }
    // As text, once it is seen to be that: no string in it need be looked at again.
    let text = std::str::from_utf8(body).ok();
    if let Some(answer) = text.and_then(|text| serde_json::from_str(text).ok()) {
        return Ok(answer);
    }
    // Read again only to say where it went wrong.
    let reader = &mut serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(reader).map_err(|error| unreadable::<O>(response, place(&error)))
}

/// Where an answer could not be read, without what stood there.
fn place(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let cause = error.inner().to_string();
    match cause.starts_with("missing field").then(|| cause.split(" at line").next()).flatten() {
        Some(missing) if path == "." => format!(": {missing}"),
        Some(missing) => format!(": {missing} in `{path}`"),
        None if path == "." => String::new(),
        None => format!(": at `{path}`"),
    }
}

/// The server said yes, and the rest is not what it should be.
fn unreadable<O: Operation>(response: &Response, place: String) -> Error {
    let json = serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_ok();
    // Another server would say yes to anything; this API says it in JSON.
    let (message, outcome) = match json {
        true => (format!("the request succeeded, but its response cannot be read{place}"), Outcome::Done),
        false => ("the response is not from Cakemail: it is not JSON".to_owned(), if_delivered(O::IDEMPOTENCY)),
    };
    Error::new(ErrorKind::UnexpectedResponse, message)
        .in_operation(O::ID)
        .with_answer(response.status(), None, None)
        .with_outcome(outcome)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;
    use http::header::{DATE, RETRY_AFTER};
    use proptest::prelude::*;

    use super::retry_after;

    fn wait(value: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn reads_seconds_and_dates() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait("7", None), Some(7));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:47 GMT", date), Some(10));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:27 GMT", date), Some(0));
        for absurd in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(wait(absurd, None), None, "{absurd}");
        }
        assert_eq!(wait("18446744073709551615", None), Some(u64::MAX));
    }

    proptest! {
        #[test]
        fn nothing_a_server_sends_makes_it_fail(value in "[ -~]{0,40}", date in "[ -~]{0,40}") {
            let wait = wait(&value, Some(&date));
            prop_assert!(wait.is_none_or(|wait| Duration::from_secs(wait) >= Duration::ZERO));
        }
    }
}
