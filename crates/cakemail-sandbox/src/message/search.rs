//! The query language for emails.
//!
//! | term | matches |
//! | --- | --- |
//! | `hello` | an email with this word, or a part of one, in the subject, the content or the recipient |
//! | `"hello you"` | the same, for a phrase |
//! | `to:anna`, `from:shop`, `subject:"two words"` | a part of the recipient, of the sender's address or name, or of the subject |
//! | `tag:welcome` | an email that has the tag |
//! | `status:bounce` | an email with this status, as the control API or the API names it |
//! | `has:attachment` | an email with an attachment |
//! | `is:unread`, `is:read` | an email that nobody, or somebody, has opened in the inbox |
//! | `before:2026-01-31`, `after:2026-01-31T12:00:00Z` | an email submitted before this time, or at or after it; UTC by default |
//! | `-hello`, `-tag:welcome` | an email that does not match the term |
//!
//! What a reader sees is searched: the case, the kind of white space, Unicode's normal forms, invisible characters and
//! the tags and references of the HTML make no difference.

mod select;
mod text;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::domain::Email;
use crate::domain::Time;
use crate::domain::lifecycle::EventKind;
use text::{Searched, comparable};

pub(crate) use select::Selection;
pub(crate) use text::text;

/// A query: all terms must match.
#[derive(Debug)]
pub(crate) struct Query {
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    /// The term in the query.
    source: String,
    negated: bool,
    condition: Condition,
}

/// The condition of a term. Its words are [`comparable`].
#[derive(Debug)]
enum Condition {
    Word(String),
    To(String),
    From(String),
    Subject(String),
    Tag(String),
    Status(&'static [EventKind]),
    Attachment,
    Read(bool),
    Before(Time),
    After(Time),
}

const OPERATORS: &str = "to:, from:, subject:, tag:, status:, has:attachment, is:unread, is:read, before: and after:";

impl Query {
    /// Parses a query. An empty one matches everything.
    ///
    /// # Errors
    /// A message for the user.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (source, after) = rest.split_at(length_of_term(rest));
            terms.push(Term::parse(source)?);
            rest = after.trim_start();
        }
        Ok(Self { terms })
    }

    /// The query that every email matches.
    pub(crate) const fn all() -> Self {
        Self { terms: Vec::new() }
    }

    pub(crate) fn matches(&self, email: &Email) -> bool {
        self.terms.iter().all(|term| term.matches(email))
    }

    /// The terms that an email does not match.
    pub(crate) fn missing(&self, email: &Email) -> Vec<String> {
        let missing = self.terms.iter().filter(|term| !term.matches(email));
        missing.map(|term| term.source.clone()).collect()
    }
}

/// The length of the first term of a text: up to the first space outside of quotes.
fn length_of_term(text: &str) -> usize {
    let mut quoted = false;
    let end = text.find(|it: char| {
        quoted ^= it == '"';
        it.is_whitespace() && !quoted
    });
    end.unwrap_or(text.len())
}

impl Term {
    fn parse(source: &str) -> Result<Self, String> {
        let (negated, text) = match source.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, source),
        };
        let operator = text.split_once(':').filter(|(name, _)| !name.contains('"'));
        let condition = match operator {
            Some((name, value)) => Condition::parse(name, &value.replace('"', ""))?,
            None => Condition::Word(comparable(&text.replace('"', ""))),
        };
        if matches!(&condition, Condition::Word(word) if word.is_empty()) {
            return Err(format!("{source} is empty: write the words to look for"));
        }
        Ok(Self { source: source.to_owned(), negated, condition })
    }

    fn matches(&self, email: &Email) -> bool {
        let text = Searched(&email.text);
        let matches = match &self.condition {
            Condition::Word(word) => text.all_but_sender().contains(word),
            Condition::To(word) => text.recipient().contains(word),
            Condition::From(word) => text.sender().contains(word),
            Condition::Subject(word) => text.subject().contains(word),
            Condition::Tag(tag) => email.tags().any(|it| is_tag(it, tag)),
            Condition::Status(kinds) => kinds.contains(&email.status()),
            Condition::Attachment => email.attachments > 0,
            Condition::Read(read) => email.read == *read,
            Condition::Before(time) => email.submitted < *time,
            Condition::After(time) => email.submitted >= *time,
        };
        matches != self.negated
    }
}

impl Condition {
    fn parse(name: &str, value: &str) -> Result<Self, String> {
        let word = comparable(value);
        if word.is_empty() {
            return Err(format!("{name}: needs something after it, without a space"));
        }
        match name.to_lowercase().as_str() {
            "to" => Ok(Self::To(word)),
            "from" => Ok(Self::From(word)),
            "subject" => Ok(Self::Subject(word)),
            "tag" => Ok(Self::Tag(word)),
            "status" => {
                kinds(&word).map(Self::Status).ok_or_else(|| format!("{value} is not a status: use one of {STATUSES}"))
            }
            "has" if word.trim_end_matches('s') == "attachment" => Ok(Self::Attachment),
            "has" => Err(format!("has:{value} is not known: use has:attachment")),
            "is" if word == "read" || word == "unread" => Ok(Self::Read(word == "read")),
            "is" => Err(format!("is:{value} is not known: use is:unread or is:read")),
            "before" => time(value).map(Self::Before),
            "after" => time(value).map(Self::After),
            _ => Err(format!("{name}: is not known: use {OPERATORS}; put quotes around words with a colon")),
        }
    }
}

/// Whether a tag is the one that a query names in comparable form.
fn is_tag(tag: &str, named: &str) -> bool {
    // Idempotency keys are tags: there may be as many as emails, and most of them differ at once.
    if tag.is_ascii() { tag.eq_ignore_ascii_case(named) } else { comparable(tag) == named }
}

const STATUSES: &str = "submitted, queued, delivered, open, click, unsubscribe, spam, bounce, soft_bounce, hard_bounce, rejected and error";

/// The events of a status, by its name in the control API or another name in the API or the guide.
fn kinds(word: &str) -> Option<&'static [EventKind]> {
    Some(match word {
        "submitted" => &[EventKind::Submitted],
        "queued" => &[EventKind::Queued],
        "delivered" => &[EventKind::Delivered],
        "open" | "opened" => &[EventKind::Open],
        "click" | "clicked" => &[EventKind::Click],
        "unsubscribe" | "unsubscribed" => &[EventKind::Unsubscribe],
        "spam" | "complained" => &[EventKind::Spam],
        "bounce" | "bounced" => &[EventKind::SoftBounce, EventKind::HardBounce],
        "soft_bounce" | "soft_bounced" => &[EventKind::SoftBounce],
        "hard_bounce" | "hard_bounced" => &[EventKind::HardBounce],
        "rejected" => &[EventKind::Rejected],
        "error" => &[EventKind::Error],
        _ => return None,
    })
}

fn time(text: &str) -> Result<Time, String> {
    let exact = text.parse::<jiff::Timestamp>().ok();
    let in_utc = || TimeZone::UTC.to_timestamp(text.parse::<civil::DateTime>().ok()?).ok();
    let time = exact.or_else(in_utc).map(|it| Time(it.as_millisecond()));
    time.ok_or_else(|| format!("{text} is not a time: write 2026-01-31 or 2026-01-31T12:00:00Z"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Event;
    use crate::message::tests::email;

    fn welcome() -> Email {
        email(json!({
            "content": {
                "type": "transactional",
                "subject": "Welcome, [firstname]",
                "html": "<p class=hidden>Confirm your <b>add</b>ress &amp; go</p>",
                "text": "Bonjour\nle monde",
            },
            "tags": ["welcome", "Auth-1"],
            "attachment": {"filename": "a.pdf", "type": "pdf", "content": ""},
        }))
    }

    #[test]
    fn a_query_matches_by_word_phrase_field_status_and_time() {
        let email = welcome();
        for query in [
            "",
            "  ",
            "welcome",
            "WELCOME",
            "zoë",
            "zoe@",
            "address",
            "\"address & go\"",
            "\"bonjour\nle\"",
            "\"BONJOUR le  monde\"",
            "\"addre\u{ad}ss & go\"",
            "Zoe\u{308}",
            "to:ZOE",
            "tag:ＷＥＬＣＯＭＥ",
            "to:zoe",
            "To:EXAMPLE.com",
            "from:shop@",
            "from:\"the shop\"",
            "subject:welcome",
            "subject:\"welcome, zoë\"",
            "tag:welcome",
            "tag:auth-1",
            "status:delivered",
            "has:attachment",
            "has:attachments",
            "before:2026-01-02",
            "after:2026-01-01",
            "after:2026-01-01T12:00:00Z",
            "before:2026-01-01T12:00:01",
            "after:2026-01-01T13:00:00+01:00",
            "-nothing",
            "-tag:news -status:open",
            "welcome to:zoe tag:welcome",
            "-\"le welcome\"",
        ] {
            let parsed = Query::parse(query).unwrap();
            assert!(parsed.matches(&email), "{query}");
            assert_eq!(parsed.missing(&email), [""; 0], "{query}");
        }
    }

    #[test]
    fn terms_that_do_not_match_are_reported() {
        let email = welcome();
        for (query, missing) in [
            ("hidden", vec!["hidden"]),
            ("to:shop from:zoe subject:bonjour", vec!["to:shop", "from:zoe", "subject:bonjour"]),
            ("tag:welc welcome", vec!["tag:welc"]),
            ("status:bounce", vec!["status:bounce"]),
            ("before:2026-01-01T12:00:00Z", vec!["before:2026-01-01T12:00:00Z"]),
            ("after:2026-01-02", vec!["after:2026-01-02"]),
            ("-welcome -has:attachment", vec!["-welcome", "-has:attachment"]),
            ("subject:\"two words\" zoe", vec!["subject:\"two words\""]),
            ("\"not closed", vec!["\"not closed"]),
        ] {
            let parsed = Query::parse(query).unwrap();
            assert!(!parsed.matches(&email), "{query}");
            assert_eq!(parsed.missing(&email), missing, "{query}");
        }
    }

    #[test]
    fn every_status_has_its_names() {
        for (kind, words) in [
            (EventKind::Submitted, "submitted"),
            (EventKind::Queued, "queued"),
            (EventKind::Delivered, "delivered"),
            (EventKind::Open, "open opened"),
            (EventKind::Click, "click clicked"),
            (EventKind::Unsubscribe, "unsubscribe unsubscribed"),
            (EventKind::Spam, "spam complained"),
            (EventKind::SoftBounce, "soft_bounce soft_bounced bounce bounced"),
            (EventKind::HardBounce, "hard_bounce hard_bounced bounce bounced"),
            (EventKind::Rejected, "rejected"),
            (EventKind::Error, "error"),
        ] {
            let mut email = welcome();
            email.events = vec![Event::new(0, kind, email.submitted, serde_json::Map::new())];
            for word in words.split(' ') {
                assert!(Query::parse(&format!("status:{word}")).unwrap().matches(&email), "{word}");
            }
            // The name in the control API is among them.
            let word = serde_json::to_value(kind).unwrap();
            assert!(words.split(' ').any(|it| word == it), "{word}");
        }
    }

    #[test]
    fn an_error_names_the_fix() {
        for (query, named) in [
            ("form:a", "form: is not known"),
            ("http://example.com", "quotes"),
            ("has:link", "has:attachment"),
            ("status:gone", "gone is not a status"),
            ("before:yesterday", "2026-01-31"),
            ("after:2026-13-01", "2026-13-01 is not a time"),
            ("to: zoe", "to: needs something"),
            ("-", "- is empty"),
            ("\"\"", "is empty"),
            ("-\u{200b}", "is empty"),
        ] {
            let message = Query::parse(query).unwrap_err();
            assert!(message.contains(named), "{query}: {message}");
        }
        assert!(Query::parse("\"http://example.com\"").unwrap().missing(&welcome()).len() == 1);
    }
}
