//! Parsers of argument values. Each error says what a valid value looks like.

use std::net::SocketAddr;
use std::time::Duration;

use cakemail::{EmailStatus, IdempotencyKey, ListId, TagFilter, TemplateId, Timestamp};

const DURATION_HELP: &str = "give a number and a unit (s, m, h, d or w), for example 60s or 7d";

/// A duration, for example `60s`, `5m` or `7d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.chars().last().ok_or(DURATION_HELP)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        'w' => 7 * 24 * 3600,
        _ => return Err(DURATION_HELP.to_owned()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| DURATION_HELP)?;
    number
        .checked_mul(seconds)
        .filter(|seconds| *seconds <= u32::MAX.into())
        .map(Duration::from_secs)
        .ok_or(DURATION_HELP.to_owned())
}

/// The origin of a web page: a scheme, a host, and a port that is not the scheme's own.
pub fn origin(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("http://").or(text.strip_prefix("https://")).unwrap_or_default();
    let is_host = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "/?#@*".contains(c));
    is_host
        .then(|| text.to_owned())
        .ok_or_else(|| "give a scheme, a host and a port, for example http://localhost:3000".into())
}

/// A timestamp: an age (`7d`), a date or a time. The default time zone is UTC.
pub fn timestamp(text: &str) -> Result<Timestamp, String> {
    if let Ok(age) = duration(text) {
        return Ok(Timestamp::now().saturating_sub(age));
    }
    text.parse().map_err(|_| "give an age (7d, 12h), a date (2026-11-23) or a time (2026-11-23T17:00:00Z)".into())
}

/// A timestamp: a time from now (`2h`), a date or a time. The default time zone is UTC.
pub fn time_ahead(text: &str) -> Result<Timestamp, String> {
    if let Ok(ahead) = duration(text) {
        return Ok(Timestamp::now().saturating_add(ahead));
    }
    text.parse().map_err(|_| "give a time from now (30m, 2h) or a time (2026-11-23T17:00:00Z)".into())
}

/// A status that the log can be filtered by.
pub fn status(text: &str) -> Result<EmailStatus, String> {
    let status = EmailStatus::from(text);
    if status.log_type().is_some() {
        return Ok(status);
    }
    let known: Vec<_> =
        EmailStatus::KNOWN.iter().filter(|status| status.log_type().is_some()).map(|status| status.as_str()).collect();
    Err(format!("the log has these statuses: {}", known.join(", ")))
}

/// A filter on tags, as JSON.
pub fn tag_filter(text: &str) -> Result<TagFilter, String> {
    text.parse().map_err(|_| r#"give a filter, for example {"and":[{"is":"welcome"},{"not":{"is":"test"}}]}"#.into())
}

/// The ID of a list.
pub fn list_id(text: &str) -> Result<ListId, String> {
    text.parse().map_err(|_| "give the ID of a list, a number: see `cakemail lists`".into())
}

/// The ID of a template.
pub fn template_id(text: &str) -> Result<TemplateId, String> {
    text.parse().map_err(|_| "give the ID of a template, a number".into())
}

/// A header: its name and its value.
pub fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once(':').ok_or("give a name and a value, for example 'Reply-To: ada@example.com'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// A socket address. `localhost` means 127.0.0.1.
pub fn socket_addr(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let help = "give an address and a port, for example 127.0.0.1:8025; port 0 picks a free port";
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| help.into())
}

/// The email address of the sandbox's user.
pub fn email_address(text: &str) -> Result<String, String> {
    if text.contains('@') {
        Ok(text.to_owned())
    } else {
        Err("give an email address, for example me@example.com".into())
    }
}

/// The speed of a clock, relative to real time.
pub fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| (0.0..=1e6).contains(speed));
    speed.ok_or("give a number from 0 (the clock stands still) to 1000000, for example 60".into())
}

/// The key of an email, or its tag: `order-1042` and `key-order-1042` are the same.
pub fn key(text: &str) -> Result<IdempotencyKey, String> {
    let key = IdempotencyKey::from_tag(text).or_else(|_| IdempotencyKey::new(text));
    key.map_err(|_| "give a key of at most 251 letters, digits, `-` and `_`, for example order-1042".into())
}

/// A rate in emails per second.
pub fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    rate.ok_or("give a number above 0, for example 200 or 0.5".into())
}

/// The maximum number of rows.
pub fn limit(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or("give a number of at least 1".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, seconds) in [("60s", 60), ("5m", 300), ("2h", 7200), ("7d", 604_800), ("1w", 604_800), ("0s", 0)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "s", "60", "-1s", "1.5h", "1y", "1µ", "99999999999999999999s", "9999999999999w"] {
            assert_eq!(duration(text), Err(DURATION_HELP.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_timestamp_is_an_age_a_date_or_a_time() {
        let day = 24 * 3600;
        let age = Timestamp::now().as_second() - timestamp("7d").unwrap().as_second();
        assert!((7 * day..7 * day + 5).contains(&age), "{age}");
        assert_eq!(timestamp("2026-11-23").unwrap().to_string(), "2026-11-23T00:00:00Z");
        assert_eq!(timestamp("2026-11-23T17:00:00Z").unwrap().to_string(), "2026-11-23T17:00:00Z");
        assert!(timestamp("yesterday").unwrap_err().contains("7d"));
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for text in ["http://localhost:3000", "https://app.example", "http://[::1]:8080"] {
            assert_eq!(origin(text).as_deref(), Ok(text));
        }
        for text in ["", "*", "null", "localhost:3000", "ftp://localhost", "http://", "http://a/b", "http://*.example"]
        {
            assert!(origin(text).unwrap_err().contains("http://localhost:3000"), "{text}");
        }
    }

    #[test]
    fn a_status_is_read_in_the_words_of_the_guide_and_of_the_api() {
        assert_eq!(status("opened"), Ok(EmailStatus::Opened));
        assert_eq!(status("open"), Ok(EmailStatus::Opened));
        let error = status("processing").unwrap_err();
        assert!(error.contains("opened, clicked, bounced, complained"), "{error}");
    }

    #[test]
    fn an_invalid_value_gets_an_error_with_an_example() {
        assert_eq!(header("X-Order: 7: 8"), Ok(("X-Order".into(), "7: 8".into())));
        assert!(header("X-Order").unwrap_err().contains("Reply-To: "));
        assert_eq!(socket_addr("localhost:0").unwrap().to_string(), "127.0.0.1:0");
        assert!(socket_addr("8025").unwrap_err().contains("127.0.0.1:8025"));
        assert!(list_id("Contacts").unwrap_err().contains("cakemail lists"));
        assert!(email_address("me").is_err() && limit("0").is_err() && speed("-1").is_err() && speed("NaN").is_err());
        assert_eq!(key("order-1042"), key("key-order-1042"));
        assert!(key("order 1042").unwrap_err().contains("order-1042"));
        assert!(rate("0").is_err() && rate("inf").is_err() && rate("0.5") == Ok(0.5));
        assert!(tag_filter("{").unwrap_err().contains(r#"{"and""#));
    }
}
