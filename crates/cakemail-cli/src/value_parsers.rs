//! How the values of arguments are read: each refusal says what would be right.

use std::net::SocketAddr;
use std::time::Duration;

use cakemail::{EmailStatus, ListId, TagFilter, TemplateId, Timestamp};

const SPAN: &str = "give a number and a unit (s, m, h, d or w), such as 60s or 7d";

/// A length of time, such as `60s`, `5m` or `7d`.
pub fn span(text: &str) -> Result<Duration, String> {
    let unit = text.chars().last().ok_or(SPAN)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        'w' => 7 * 24 * 3600,
        _ => return Err(SPAN.to_owned()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| SPAN)?;
    number.checked_mul(seconds).filter(|it| *it <= u32::MAX.into()).map(Duration::from_secs).ok_or(SPAN.to_owned())
}

/// A moment: so long ago (`7d`), or a date or time, in UTC unless it says otherwise.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(ago) = span(text) {
        return Ok(Timestamp::now().saturating_sub(ago));
    }
    text.parse().map_err(|_| "give how long ago (7d, 12h), a date (2026-11-23) or a time (2026-11-23T17:00:00Z)".into())
}

/// A status that logs can be filtered by.
pub fn status(text: &str) -> Result<EmailStatus, String> {
    let status = EmailStatus::from(text);
    if status.log_type().is_some() {
        return Ok(status);
    }
    let known: Vec<_> = EmailStatus::KNOWN.iter().filter(|it| it.log_type().is_some()).map(|it| it.as_str()).collect();
    Err(format!("the logs know {}", known.join(", ")))
}

/// A query for tags.
pub fn tags(text: &str) -> Result<TagFilter, String> {
    text.parse().map_err(|_| r#"give a query such as {"and":[{"is":"welcome"},{"not":{"is":"test"}}]}"#.into())
}

/// A list's id.
pub fn list(text: &str) -> Result<ListId, String> {
    text.parse().map_err(|_| "give a list's id, a number: `cakemail lists` shows them".into())
}

/// A template's id.
pub fn template(text: &str) -> Result<TemplateId, String> {
    text.parse().map_err(|_| "give a template's id, a number".into())
}

/// A header, as name and value.
pub fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("give a name and a value, such as 'Reply-To: ada@example.com'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// An address to listen on. `localhost` is 127.0.0.1.
pub fn listen(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let wrong = "give an address and a port, such as 127.0.0.1:8025; port 0 is any free one";
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| wrong.into())
}

/// The email address of a sandbox's account.
pub fn login(text: &str) -> Result<String, String> {
    if text.contains('@') { Ok(text.to_owned()) } else { Err("give an email address, such as me@example.com".into()) }
}

/// How many times as fast as real time a clock runs.
pub fn pace(text: &str) -> Result<f64, String> {
    let pace = text.parse().ok().filter(|pace: &f64| (0.0..=1e6).contains(pace));
    pace.ok_or("give a number from 0 (time stands still) to 1000000, such as 60".into())
}

/// How many rows to show.
pub fn limit(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or("give a number from 1".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_number_and_a_unit() {
        for (text, seconds) in [("60s", 60), ("5m", 300), ("2h", 7200), ("7d", 604_800), ("1w", 604_800), ("0s", 0)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "s", "60", "-1s", "1.5h", "1y", "1µ", "99999999999999999999s", "9999999999999w"] {
            assert_eq!(span(text), Err(SPAN.to_owned()), "{text}");
        }
    }

    #[test]
    fn moments_are_ages_dates_or_times() {
        let day = 24 * 3600;
        let ago = Timestamp::now().as_second() - moment("7d").unwrap().as_second();
        assert!((7 * day..7 * day + 5).contains(&ago), "{ago}");
        assert_eq!(moment("2026-11-23").unwrap().to_string(), "2026-11-23T00:00:00Z");
        assert_eq!(moment("2026-11-23T17:00:00Z").unwrap().to_string(), "2026-11-23T17:00:00Z");
        assert!(moment("yesterday").unwrap_err().contains("7d"));
    }

    #[test]
    fn a_status_may_be_the_guides_word_or_the_apis() {
        assert_eq!(status("opened"), Ok(EmailStatus::Opened));
        assert_eq!(status("open"), Ok(EmailStatus::Opened));
        let refusal = status("processing").unwrap_err();
        assert!(refusal.contains("opened, clicked, bounced, complained"), "{refusal}");
    }

    #[test]
    fn other_values_are_read_or_refused_with_an_example() {
        assert_eq!(header("X-Order: 7: 8"), Ok(("X-Order".into(), "7: 8".into())));
        assert!(header("X-Order").unwrap_err().contains("Reply-To: "));
        assert_eq!(listen("localhost:0").unwrap().to_string(), "127.0.0.1:0");
        assert!(listen("8025").unwrap_err().contains("127.0.0.1:8025"));
        assert!(list("Contacts").unwrap_err().contains("cakemail lists"));
        assert!(login("me").is_err() && limit("0").is_err() && pace("-1").is_err() && pace("NaN").is_err());
        assert!(tags("{").unwrap_err().contains(r#"{"and""#));
    }
}
