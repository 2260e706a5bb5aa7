//! What a response says beside its body.

use std::time::{Duration, SystemTime};

use cakemail_transport::Response;
use http::header::{DATE, HeaderMap, RETRY_AFTER};
use http::{HeaderName, HeaderValue};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The server's id of the request, of at most 100 characters.
pub(crate) fn request_id(response: &Response) -> Option<&str> {
    request_id_text(request_id_value(response)?)
}

/// The header with the server's id of the request.
pub(crate) fn request_id_value(response: &Response) -> Option<&HeaderValue> {
    response.headers().get(REQUEST_ID)
}

/// The id in that header.
pub(crate) fn request_id_text(value: &HeaderValue) -> Option<&str> {
    let id = value.to_str().ok()?; // ASCII
    Some(&id[..id.len().min(100)])
}

/// The delay that a server asks for: in seconds, or until a date by the server's own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;
    use http::header::{DATE, RETRY_AFTER};
    use proptest::prelude::*;

    use super::retry_after;

    fn seconds(value: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers).map(|delay| delay.as_secs())
    }

    #[test]
    fn retry_after_is_a_number_of_seconds_or_a_date_by_the_servers_clock() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(seconds("7", None), Some(7));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:47 GMT", date), Some(10));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:27 GMT", date), Some(0));
        for invalid in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(seconds(invalid, None), None, "{invalid}");
        }
        assert_eq!(seconds("18446744073709551615", None), Some(u64::MAX));
    }

    proptest! {
        #[test]
        fn any_retry_after_is_read_without_a_panic(value in "[ -~]{0,40}", date in "[ -~]{0,40}") {
            let delay = seconds(&value, Some(&date));
            prop_assert!(delay.is_none_or(|delay| Duration::from_secs(delay) >= Duration::ZERO));
        }
    }
}
