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

/// Something that happened to an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// Something that will happen, so many seconds after the submission.
pub(crate) type Step = (u64, Kind);

const START: Step = (0, Kind::Submitted);
const QUEUE: Step = (0, Kind::Queued);
const DELIVER: Step = (1, Kind::Delivered);
const OPEN: Step = (2, Kind::Open);

const DELIVERED: &[Step] = &[START, QUEUE, DELIVER];

/// An email that is turned down at once.
pub(crate) const REJECTED: &[Step] = &[START, (0, Kind::Rejected)];

const BY_NAME: &[(&str, &[Step])] = &[
    ("delivered", DELIVERED),
    ("opened", &[START, QUEUE, DELIVER, OPEN]),
    ("clicked", &[START, QUEUE, DELIVER, OPEN, (3, Kind::Click)]),
    ("bounced", &[START, QUEUE, (1, Kind::HardBounce)]),
    ("soft-bounced", &[START, QUEUE, (1, Kind::SoftBounce)]),
    ("complained", &[START, QUEUE, DELIVER, OPEN, (3, Kind::Spam)]),
    ("unsubscribed", &[START, QUEUE, DELIVER, OPEN, (3, Kind::Unsubscribe)]),
    ("rejected", REJECTED),
    ("error", &[START, (0, Kind::Error)]),
    ("stuck", &[START, QUEUE]),
];

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
        steps.iter().map(|(after, kind)| format!("{} {after}", word(*kind))).collect::<Vec<_>>().join(", ")
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
