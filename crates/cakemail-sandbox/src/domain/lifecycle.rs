//! What becomes of an email: decided by the name of its recipient, at any domain, with or without a `+label`.
//!
//! | recipient | what happens, with seconds since the submission |
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
//! An email's `status` is the furthest it came: submitted, queued, delivered, open, click, unsubscribe, spam; or bounce,
//! rejected, error. A hard bounce takes the recipient off the list and suppresses the address; a complaint suppresses it
//! too; the fourth soft bounce takes the contact off the list.
//!
//! [`Clock`]: crate::Clock

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that happened to an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    // In the order in which they decide the status.
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

impl Kind {
    /// The word of statuses and log entries.
    pub(crate) fn word(self) -> &'static str {
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

/// Something that will happen, so many milliseconds after the submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) after_ms: u64,
}

const fn at(seconds: u64, kind: Kind) -> Step {
    Step { kind, after_ms: seconds * 1000 }
}

const START: Step = at(0, Kind::Submitted);
const QUEUE: Step = at(0, Kind::Queued);
const DELIVER: Step = at(1, Kind::Delivered);
const OPEN: Step = at(2, Kind::Open);

const DELIVERED: &[Step] = &[START, QUEUE, DELIVER];

/// An email that is turned down at once.
pub(crate) const REJECTED: &[Step] = &[START, at(0, Kind::Rejected)];

const BY_NAME: &[(&str, &[Step])] = &[
    ("delivered", DELIVERED),
    ("opened", &[START, QUEUE, DELIVER, OPEN]),
    ("clicked", &[START, QUEUE, DELIVER, OPEN, at(3, Kind::Click)]),
    ("bounced", &[START, QUEUE, at(1, Kind::HardBounce)]),
    ("soft-bounced", &[START, QUEUE, at(1, Kind::SoftBounce)]),
    ("complained", &[START, QUEUE, DELIVER, OPEN, at(3, Kind::Spam)]),
    ("unsubscribed", &[START, QUEUE, DELIVER, OPEN, at(3, Kind::Unsubscribe)]),
    ("rejected", REJECTED),
    ("error", &[START, at(0, Kind::Error)]),
    ("stuck", &[START, QUEUE]),
];

/// What an event says of itself in the logs, besides its kind.
pub(crate) fn metadata(kind: Kind, reason: Option<&str>) -> Map<String, Value> {
    let entry = match kind {
        Kind::Rejected => {
            Some(("reason", reason.unwrap_or("The recipient's name, or a rule, asks the sandbox to reject the email")))
        }
        Kind::Error => Some(("error", "The recipient's name, or a rule, asks the sandbox to fail")),
        Kind::HardBounce => Some(("bounce_type", "hard")),
        Kind::SoftBounce => Some(("bounce_type", "soft")),
        _ => None,
    };
    entry.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// Why something cannot happen to an email that all this has happened to; nothing, when it can.
pub(crate) fn objection(past: &[Kind], next: Kind) -> Option<&'static str> {
    use Kind::{Delivered, Error, HardBounce, Queued, Rejected, SoftBounce, Submitted};
    let has = |kind: Kind| past.contains(&kind);
    if has(Rejected) || has(Error) {
        return Some("It was turned down: nothing becomes of it");
    }
    if has(SoftBounce) || has(HardBounce) {
        return Some("It has bounced");
    }
    match next {
        Submitted => has(Submitted).then_some("It was submitted already"),
        Queued => has(Queued).then_some("It was queued already"),
        Delivered | SoftBounce | HardBounce | Rejected | Error => has(Delivered).then_some("It was delivered already"),
        Kind::Open | Kind::Click | Kind::Unsubscribe | Kind::Spam => {
            (!has(Delivered)).then_some("It was not delivered yet")
        }
    }
}

/// The steps for a recipient.
pub(crate) fn of(recipient: &str) -> &'static [Step] {
    let name = recipient.split(['@', '+']).next().unwrap_or_default().to_lowercase();
    BY_NAME.iter().find(|(it, _)| *it == name).map_or(DELIVERED, |(_, steps)| steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps as the table in this module's docs words them.
    fn worded(steps: &[Step]) -> String {
        let word = |kind: Kind| match kind {
            Kind::HardBounce => "hard bounce",
            Kind::SoftBounce => "soft bounce",
            other => other.word(),
        };
        steps.iter().map(|step| format!("{} {}", word(step.kind), step.after_ms / 1000)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_documented_table_is_the_table() {
        let documented: Vec<_> =
            include_str!("lifecycle.rs").lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
        let actual: Vec<_> = BY_NAME.iter().map(|(name, steps)| format!("{name}` | {} |", worded(steps))).collect();
        assert_eq!(documented, actual);
    }

    #[test]
    fn names_are_read_up_to_the_label_and_in_any_case() {
        assert_eq!(of("Bounced+42@example.com"), of("bounced@other.org"));
        assert_ne!(of("bounced@example.com"), DELIVERED);
        assert_eq!(of("bounced.not@example.com"), DELIVERED);
    }
}
