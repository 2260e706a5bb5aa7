//! An email as the ledger stores it.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::{EmailId, EmailStatus};

use super::{Progress, Remote, State};
use crate::Time;

/// An email in the ledger, without its content.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Its row.
    pub id: i64,
    /// The key that it was enqueued under.
    pub key: IdempotencyKey,
    /// Its lane.
    pub lane: Lane,
    /// It is not sent after this time.
    pub expires_at: Option<Time>,
    /// What to do when the response is lost and the logs do not have the email.
    pub on_missing: OnMissing,
    /// When it was enqueued.
    pub enqueued_at: Time,
    /// Where it stands.
    pub progress: Progress,
    /// When its progress last changed.
    pub changed_at: Time,
    /// What happened to it after it was accepted, as far as webhooks told.
    pub delivery: Option<Delivery>,
}

impl Record {
    /// An email that was just enqueued, and is due now.
    pub fn new(id: i64, key: IdempotencyKey, now: Time) -> Self {
        Self {
            id,
            key,
            lane: Lane::default(),
            expires_at: None,
            on_missing: OnMissing::default(),
            enqueued_at: now,
            progress: Progress::queued(now),
            changed_at: now,
            delivery: None,
        }
    }
}

impl Record {
    /// Whether an event of the email with this id replaces what is known. Events arrive late, more than once and in any
    /// order, and those of an earlier email with the same key do not count.
    pub fn is_updated_by(&self, id: Option<&EmailId>, delivery: &Delivery) -> bool {
        let is_other = match (&self.progress.state, id) {
            (State::Accepted(Remote { id: Some(own) }), Some(id)) => own != id,
            _ => false,
        };
        // The response to the submission can be later than the event, which has whole seconds.
        let is_earlier = delivery.at.after(Duration::from_secs(1)) < self.enqueued_at || self.progress.submissions == 0;
        !is_other && !is_earlier && self.delivery.as_ref().is_none_or(|known| delivery.order() > known.order())
    }
}

/// The latest event of an accepted email.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Such as `delivered` or `bounced`.
    pub status: EmailStatus,
    /// When it happened.
    pub at: Time,
}

impl Delivery {
    /// An event with this status, at this time.
    pub fn new(status: EmailStatus, at: Time) -> Self {
        Self { status, at }
    }

    /// Greater for what says more. A delivery can follow a bounce, which may have been a soft one, and a bounce a delivery.
    fn order(&self) -> (u8, Time, bool) {
        let stage = match self.status {
            EmailStatus::Delivered | EmailStatus::Bounced | EmailStatus::Rejected | EmailStatus::Error => 1,
            EmailStatus::Opened => 2,
            EmailStatus::Clicked => 3,
            EmailStatus::Unsubscribed | EmailStatus::GloballyUnsubscribed => 4,
            EmailStatus::Complained => 5,
            _ => 0,
        };
        (stage, self.at, self.status.is_failure())
    }
}

/// Who claims emails: one worker, or one call of `dispatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner(pub i64);

/// Which emails are sent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lane {
    /// Before all marketing emails.
    #[default]
    Transactional,
    /// When no transactional email is due.
    Marketing,
}

/// What to do with an email that may have been accepted and is not in the logs after the settle time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnMissing {
    /// Park it until an operator or the application decides. It is never sent twice.
    #[default]
    Park,
    /// Send it again when this time has passed since the submission, if the logs show other emails that were accepted
    /// after it, or no other was accepted. The recipient can get it twice if the logs are later than that.
    ResendAfter(Duration),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An accepted email with the id `e1`, enqueued at second 100.
    fn record(delivery: Option<(EmailStatus, i64)>) -> Record {
        let mut record = Record::new(1, IdempotencyKey::random(), at(100));
        record.progress.state = State::Accepted(Remote::new(EmailId::from("e1")));
        record.progress.submissions = 1;
        record.delivery = delivery.map(|(status, second)| Delivery::new(status, at(second)));
        record
    }

    fn at(second: i64) -> Time {
        Time::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_delivery_never_goes_backwards_in_any_order_of_events() {
        use EmailStatus::{Bounced, Clicked, Complained, Delivered, Opened, Queued, Unsubscribed};
        for (known, event, replaces) in [
            ((Queued, 101), (Delivered, 101), true),
            ((Delivered, 102), (Queued, 103), false),
            ((Delivered, 102), (Delivered, 102), false),
            ((Bounced, 102), (Delivered, 103), true),
            ((Bounced, 102), (Delivered, 102), false),
            ((Delivered, 102), (Bounced, 102), true),
            ((Delivered, 102), (Bounced, 101), false),
            ((Clicked, 104), (Opened, 105), false),
            ((Opened, 105), (Clicked, 104), true),
            ((Clicked, 104), (Clicked, 106), true),
            ((Complained, 104), (Unsubscribed, 105), false),
            ((Unsubscribed, 105), (Complained, 104), true),
        ] {
            let (status, second) = event.clone();
            let delivery = Delivery::new(status, at(second));
            let updated = record(Some(known.clone())).is_updated_by(Some(&EmailId::from("e1")), &delivery);
            assert_eq!(updated, replaces, "{known:?} {event:?}");
        }
    }

    #[test]
    fn an_event_of_another_email_with_the_key_does_not_count() {
        let delivered = Delivery::new(EmailStatus::Delivered, at(100));
        assert!(record(None).is_updated_by(Some(&EmailId::from("e1")), &delivered));
        assert!(record(None).is_updated_by(None, &delivered));
        assert!(!record(None).is_updated_by(Some(&EmailId::from("e2")), &delivered));
        assert!(!record(None).is_updated_by(None, &Delivery::new(EmailStatus::Clicked, at(98))));
        let mut queued = record(None);
        queued.progress = Progress::queued(at(100));
        assert!(!queued.is_updated_by(Some(&EmailId::from("e1")), &delivered));
    }
}
