//! The columns of an email's row, the same in every ledger. The codes are frozen: rows outlive versions.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::{EmailId, EmailStatus};

use crate::insert;
use crate::state::{Progress, Reason, Remote, State, Step};
use crate::{Delivery, Error, Lane, OnMissing, Owner, Record, Result, Time};

/// A row without its payload, as the columns store it. Times and durations are in microseconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub id: i64,
    pub key: String,
    pub class: i16,
    pub resend_after: Option<i64>,
    pub expires_at: Option<i64>,
    pub enqueued_at: i64,
    pub changed_at: i64,
    pub delivery_status: Option<String>,
    pub delivery_at: Option<i64>,
    pub progress: ProgressColumns,
}

/// The columns that an event changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProgressColumns {
    pub state: i16,
    pub due_at: Option<i64>,
    pub epoch: i64,
    pub owner: Option<i64>,
    pub step: Option<i16>,
    pub claimed_at: Option<i64>,
    pub doubt_at: Option<i64>,
    pub submissions: i32,
    pub resends: i32,
    pub failures: i32,
    /// A [`Reason`] as JSON.
    pub reason: Option<String>,
    pub email_id: Option<String>,
}

/// The codes of the column `state`.
pub(crate) mod code {
    pub(crate) const QUEUED: i16 = 0;
    pub(crate) const DISPATCHING: i16 = 1;
    pub(crate) const UNKNOWN: i16 = 2;
    pub(crate) const PARKED: i16 = 3;
    pub(crate) const ACCEPTED: i16 = 4;
    pub(crate) const REFUSED: i16 = 5;
    pub(crate) const CANCELLED: i16 = 6;
    pub(crate) const EXPIRED: i16 = 7;
}

/// The name and the code of each state.
pub(crate) const STATES: [(&str, i16); 8] = [
    ("queued", code::QUEUED),
    ("dispatching", code::DISPATCHING),
    ("unknown", code::UNKNOWN),
    ("parked", code::PARKED),
    ("accepted", code::ACCEPTED),
    ("refused", code::REFUSED),
    ("cancelled", code::CANCELLED),
    ("expired", code::EXPIRED),
];

impl Row {
    pub(crate) fn into_record(self) -> Result<Record> {
        let key = IdempotencyKey::from_tag(&self.key).map_err(|_| unreadable(self.id, "key"))?;
        let lane = lane(self.class).ok_or_else(|| unreadable(self.id, "class"))?;
        let delivery = self
            .delivery_status
            .zip(self.delivery_at)
            .map(|(status, at)| Delivery { status: EmailStatus::from(status.as_str()), at: Time::from_micros(at) });
        Ok(Record {
            id: self.id,
            key,
            lane,
            expires_at: self.expires_at.map(Time::from_micros),
            on_missing: self.resend_after.map_or(OnMissing::Park, |wait| OnMissing::ResendAfter(duration(wait))),
            enqueued_at: Time::from_micros(self.enqueued_at),
            progress: self.progress.into_progress().ok_or_else(|| unreadable(self.id, "state"))?,
            changed_at: Time::from_micros(self.changed_at),
            delivery,
        })
    }
}

impl ProgressColumns {
    /// `None` when the state is one that this version does not know.
    fn into_progress(self) -> Option<Progress> {
        let state = state(self.state, self.owner, self.step, self.claimed_at, self.email_id)?;
        Some(Progress {
            state,
            epoch: self.epoch,
            due: self.due_at.map(Time::from_micros),
            doubt: self.doubt_at.map(Time::from_micros),
            submissions: self.submissions.try_into().unwrap_or_default(),
            resends: self.resends.try_into().unwrap_or_default(),
            failures: self.failures.try_into().unwrap_or_default(),
            reason: self.reason.map(|json| reason(&json)),
        })
    }
}

impl From<&Progress> for ProgressColumns {
    fn from(progress: &Progress) -> Self {
        let claim = match progress.state {
            State::Dispatching { owner, step, since } => Some((owner.0, step_code(step), since.as_micros())),
            _ => None,
        };
        let email_id = match &progress.state {
            State::Accepted(remote) => remote.id.as_ref().map(|id| id.as_str().to_owned()),
            _ => None,
        };
        Self {
            state: state_code(&progress.state),
            due_at: progress.due.map(Time::as_micros),
            epoch: progress.epoch,
            owner: claim.map(|(owner, _, _)| owner),
            step: claim.map(|(_, step, _)| step),
            claimed_at: claim.map(|(_, _, since)| since),
            doubt_at: progress.doubt.map(Time::as_micros),
            submissions: count(progress.submissions),
            resends: count(progress.resends),
            failures: count(progress.failures),
            reason: progress.reason.as_ref().and_then(|reason| serde_json::to_string(reason).ok()),
            email_id,
        }
    }
}

/// `None` when the state is one that this version does not know.
pub(crate) fn state(
    code: i16,
    owner: Option<i64>,
    step_code: Option<i16>,
    claimed_at: Option<i64>,
    email_id: Option<String>,
) -> Option<State> {
    Some(match code {
        code::QUEUED => State::Queued,
        code::DISPATCHING => {
            State::Dispatching { owner: Owner(owner?), step: step(step_code?)?, since: Time::from_micros(claimed_at?) }
        }
        code::UNKNOWN => State::Unknown,
        code::PARKED => State::Parked,
        code::ACCEPTED => State::Accepted(Remote::new(email_id.map(EmailId::from))),
        code::REFUSED => State::Refused,
        code::CANCELLED => State::Cancelled,
        code::EXPIRED => State::Expired,
        _ => return None,
    })
}

fn state_code(state: &State) -> i16 {
    match state {
        State::Queued => code::QUEUED,
        State::Dispatching { .. } => code::DISPATCHING,
        State::Unknown => code::UNKNOWN,
        State::Parked => code::PARKED,
        State::Accepted(_) => code::ACCEPTED,
        State::Refused => code::REFUSED,
        State::Cancelled => code::CANCELLED,
        State::Expired => code::EXPIRED,
    }
}

fn lane(class: i16) -> Option<Lane> {
    [Lane::Transactional, Lane::Marketing].into_iter().find(|lane| insert::class(*lane) == class)
}

const fn step_code(step: Step) -> i16 {
    match step {
        Step::Submit => 0,
        Step::Look => 1,
    }
}

const fn step(code: i16) -> Option<Step> {
    match code {
        0 => Some(Step::Submit),
        1 => Some(Step::Look),
        _ => None,
    }
}

fn duration(micros: i64) -> Duration {
    Duration::from_micros(micros.try_into().unwrap_or_default())
}

fn count(count: u32) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

fn reason(json: &str) -> Reason {
    serde_json::from_str(json).unwrap_or_else(|_| Reason::new("Unreadable", "the stored reason cannot be read"))
}

pub(crate) fn unreadable(id: i64, column: &str) -> Error {
    Error::Database(format!("row {id} has a {column} that this version cannot read").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(progress: &Progress) -> Row {
        Row {
            id: 7,
            key: "key-order-42".to_owned(),
            class: 1,
            resend_after: Some(60_000_000),
            expires_at: Some(9),
            enqueued_at: 1,
            changed_at: 2,
            delivery_status: Some("delivered".to_owned()),
            delivery_at: Some(3),
            progress: progress.into(),
        }
    }

    fn states() -> [State; 10] {
        let dispatching = |step| State::Dispatching { owner: Owner(5), step, since: Time::from_micros(6) };
        [
            State::Queued,
            dispatching(Step::Submit),
            dispatching(Step::Look),
            State::Unknown,
            State::Parked,
            State::Accepted(Remote::new(EmailId::from("e-1"))),
            State::Accepted(Remote::new(None)),
            State::Refused,
            State::Cancelled,
            State::Expired,
        ]
    }

    #[test]
    fn every_state_is_read_as_it_was_written() {
        for state in states() {
            let progress = Progress {
                state,
                epoch: 3,
                due: Some(Time::from_micros(11)),
                doubt: Some(Time::from_micros(12)),
                submissions: 2,
                resends: 1,
                failures: 4,
                reason: Some(Reason::new("ConnectionLost", "the connection was lost")),
            };
            let record = row(&progress).into_record().unwrap();
            assert_eq!(record.progress, progress);
            assert_eq!(record.on_missing, OnMissing::ResendAfter(Duration::from_secs(60)));
            assert_eq!(record.lane, Lane::Marketing);
            assert_eq!(record.delivery.unwrap().status, EmailStatus::Delivered);
        }
    }

    #[test]
    fn names_and_codes_of_states_are_frozen() {
        for state in states() {
            let code = state_code(&state);
            assert_eq!(STATES[code as usize], (state.name(), code));
        }
    }

    #[test]
    fn a_row_that_this_version_does_not_understand_is_an_error() {
        let mut unknown_state = row(&Progress::queued(Time::from_micros(0)));
        unknown_state.progress.state = 99;
        let mut unknown_class = row(&Progress::queued(Time::from_micros(0)));
        unknown_class.class = 99;
        let mut wrong_key = row(&Progress::queued(Time::from_micros(0)));
        wrong_key.key = "order-42".to_owned();
        for row in [unknown_state, unknown_class, wrong_key] {
            assert!(matches!(row.into_record(), Err(Error::Database(_))));
        }
    }
}
