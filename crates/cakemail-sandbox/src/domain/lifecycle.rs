//! The lifecycle of an email: its events, chosen by the name of its recipient, at any domain, with or without a
//! `+label`.
//!
//! | recipient | events, with seconds since the submission |
//! | --- | --- |
//! | any other name | submitted 0, queued 0, delivered 1 |
//! | `delivered` | submitted 0, queued 0, delivered 1 |
//! | `opened` | submitted 0, queued 0, delivered 1, open 2 |
//! | `clicked` | submitted 0, queued 0, delivered 1, open 2, click 3 |
//! | `bounced` | submitted 0, queued 0, hard bounce 1 |
//! | `soft-bounced` | submitted 0, queued 0, soft bounce 1 |
//! | `complained` | submitted 0, queued 0, delivered 1, open 2, spam 3 |
//! | `unsubscribed` | submitted 0, queued 0, delivered 1, open 2, unsubscribe 3 |
//! | `rejected` | submitted 0, rejected 0 |
//! | `error` | submitted 0, error 0 |
//! | `stuck` | submitted 0, queued 0 |
//!
//! So `bounced+42@example.com` bounces a second after it was sent. Seconds are those of the sandbox's [`Clock`].
//!
//! An email's `status` is its last event in this order: submitted, queued, delivered, open, click, unsubscribe, spam;
//! or bounce, rejected, error. A hard bounce takes the recipient off the list and suppresses the address; a complaint
//! suppresses it too; the fourth soft bounce takes the contact off the list.
//!
//! [`Clock`]: crate::Clock

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The kind of an event of an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventKind {
    // In this order: the last one is the status.
    Submitted,
    Queued,
    Delivered,
    Open,
    Click,
    Unsubscribe,
    Spam,
    SoftBounce,
    HardBounce,
    Rejected,
    Error,
}

impl EventKind {
    pub(crate) const ALL: [Self; 11] = [
        Self::Submitted,
        Self::Queued,
        Self::Delivered,
        Self::Open,
        Self::Click,
        Self::Unsubscribe,
        Self::Spam,
        Self::SoftBounce,
        Self::HardBounce,
        Self::Rejected,
        Self::Error,
    ];

    /// The name in statuses and log entries.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Open => "open",
            Self::Click => "click",
            Self::Unsubscribe => "unsubscribe",
            Self::Spam => "spam",
            Self::SoftBounce | Self::HardBounce => "bounce",
            Self::Rejected => "rejected",
            Self::Error => "error",
        }
    }
}

/// An event that is planned for a time after the submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) kind: EventKind,
    pub(crate) after_ms: u64,
}

const fn at(seconds: u64, kind: EventKind) -> Step {
    Step { kind, after_ms: seconds * 1000 }
}

const START: Step = at(0, EventKind::Submitted);
const QUEUE: Step = at(0, EventKind::Queued);
const DELIVER: Step = at(1, EventKind::Delivered);
const OPEN: Step = at(2, EventKind::Open);

const DELIVERED: &[Step] = &[START, QUEUE, DELIVER];

/// The lifecycle of an email that is rejected at once.
pub(crate) const REJECTED: &[Step] = &[START, at(0, EventKind::Rejected)];

const BY_NAME: &[(&str, &[Step])] = &[
    ("delivered", DELIVERED),
    ("opened", &[START, QUEUE, DELIVER, OPEN]),
    ("clicked", &[START, QUEUE, DELIVER, OPEN, at(3, EventKind::Click)]),
    ("bounced", &[START, QUEUE, at(1, EventKind::HardBounce)]),
    ("soft-bounced", &[START, QUEUE, at(1, EventKind::SoftBounce)]),
    ("complained", &[START, QUEUE, DELIVER, OPEN, at(3, EventKind::Spam)]),
    ("unsubscribed", &[START, QUEUE, DELIVER, OPEN, at(3, EventKind::Unsubscribe)]),
    ("rejected", REJECTED),
    ("error", &[START, at(0, EventKind::Error)]),
    ("stuck", &[START, QUEUE]),
];

/// The metadata of an event in the logs.
pub(crate) fn metadata(kind: EventKind, reason: Option<&str>) -> Map<String, Value> {
    let entry = match kind {
        EventKind::Rejected => {
            Some(("reason", reason.unwrap_or("The recipient's name, or a rule, asks the sandbox to reject the email")))
        }
        EventKind::Error => Some(("error", "The recipient's name, or a rule, asks the sandbox to fail")),
        EventKind::HardBounce => Some(("bounce_type", "hard")),
        EventKind::SoftBounce => Some(("bounce_type", "soft")),
        _ => None,
    };
    entry.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// The reason why an event cannot follow these, if it cannot.
pub(crate) fn objection(past: &[EventKind], next: EventKind) -> Option<&'static str> {
    use EventKind::{Delivered, Error, HardBounce, Queued, Rejected, SoftBounce, Submitted};
    let has = |kind: EventKind| past.contains(&kind);
    if has(Rejected) || has(Error) {
        return Some("It was rejected, or failed: no event can follow");
    }
    if has(SoftBounce) || has(HardBounce) {
        return Some("It has bounced");
    }
    match next {
        Submitted => has(Submitted).then_some("It was submitted already"),
        Queued => has(Queued).then_some("It was queued already"),
        Delivered | SoftBounce | HardBounce | Rejected | Error => has(Delivered).then_some("It was delivered already"),
        EventKind::Open | EventKind::Click | EventKind::Unsubscribe | EventKind::Spam => {
            (!has(Delivered)).then_some("It was not delivered yet")
        }
    }
}

/// The lifecycle for a recipient.
pub(crate) fn for_recipient(recipient: &str) -> &'static [Step] {
    let name = recipient.split(['@', '+']).next().unwrap_or_default().to_lowercase();
    BY_NAME.iter().find(|(known, _)| *known == name).map_or(DELIVERED, |(_, steps)| steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps in the format of the table in this module's docs.
    fn in_words(steps: &[Step]) -> String {
        let word = |kind: EventKind| match kind {
            EventKind::HardBounce => "hard bounce",
            EventKind::SoftBounce => "soft bounce",
            other => other.as_str(),
        };
        steps.iter().map(|step| format!("{} {}", word(step.kind), step.after_ms / 1000)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_table_in_the_docs_is_up_to_date() {
        let documented: Vec<_> =
            include_str!("lifecycle.rs").lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
        let actual: Vec<_> = BY_NAME.iter().map(|(name, steps)| format!("{name}` | {} |", in_words(steps))).collect();
        assert_eq!(documented, actual);
    }

    #[test]
    fn a_label_and_the_case_of_a_name_are_ignored() {
        assert_eq!(for_recipient("Bounced+42@example.com"), for_recipient("bounced@other.org"));
        assert_ne!(for_recipient("bounced@example.com"), DELIVERED);
        assert_eq!(for_recipient("bounced.not@example.com"), DELIVERED);
    }
}
