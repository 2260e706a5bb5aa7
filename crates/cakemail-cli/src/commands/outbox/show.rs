//! `cakemail outbox show`: one email, with its recipient and why it is in its state.

use cakemail::outbox::state::{State, Step};
use cakemail::outbox::{Error, Lane, OnMissing, Outbox, Record, Time, payload};
use cakemail::{EmailId, IdempotencyKey, NewEmail, Timestamp};
use serde_json::{Value, json};

use crate::error::{CliError, in_command_words};
use crate::output::Output;

pub async fn run(key: &IdempotencyKey, outbox: &Outbox, out: &mut Output) -> Result<(), CliError> {
    let missing = || Error::NotFound(key.tag().to_owned());
    let record = outbox.get(key).await?.ok_or_else(missing)?;
    // A payload that this version cannot read is the reason of its state, and no error here.
    let email = outbox.payload(key).await?.and_then(|payload| payload::decode(&payload).ok());
    if out.is_json() {
        let mut object = to_json(&record);
        object["email"] = json!(email.as_ref().and_then(|email| email.email.as_deref()));
        object["subject"] = json!(email.as_ref().map(|email| &email.content.subject));
        return Ok(out.json(&object)?);
    }
    Ok(out.fields(&fields(&record, email.as_ref()))?)
}

fn fields(record: &Record, email: Option<&NewEmail>) -> Vec<(&'static str, String)> {
    let progress = &record.progress;
    let mut fields = vec![
        ("key", record.key.tag().to_owned()),
        ("state", state(&progress.state)),
        ("recipient", email.and_then(|email| email.email.clone()).unwrap_or_default()),
        ("subject", email.map(|email| email.content.subject.clone()).unwrap_or_default()),
        ("lane", lane(record.lane).to_owned()),
        ("enqueued", time(record.enqueued_at)),
        ("changed", time(record.changed_at)),
        ("due", progress.due.map(time).unwrap_or_default()),
        ("expires", record.expires_at.map(time).unwrap_or_default()),
        ("submissions", progress.submissions.to_string()),
        ("may be accepted", progress.doubt.map(|doubt| format!("since {}", time(doubt))).unwrap_or_default()),
        ("if missing", on_missing(record.on_missing)),
        ("email id", email_id(record).map(ToString::to_string).unwrap_or_default()),
    ];
    if let Some(delivery) = &record.delivery {
        fields.push(("delivery", format!("{} at {}", delivery.status, time(delivery.at))));
    }
    if let Some(reason) = &progress.reason {
        fields.push(("reason", format!("{}: {}", reason.kind, in_command_words(&reason.message))));
        fields.extend(reason.fields.iter().map(|field| ("field", field.to_string())));
        fields.extend(reason.request_id.iter().map(|id| ("request id", id.clone())));
    }
    fields.retain(|(_, value)| !value.is_empty());
    fields
}

/// An email for programs, without its content.
pub fn to_json(record: &Record) -> Value {
    let progress = &record.progress;
    json!({
        "id": record.id,
        "key": record.key.tag(),
        "state": progress.state.name(),
        "lane": lane(record.lane),
        "enqueued_at": time(record.enqueued_at),
        "changed_at": time(record.changed_at),
        "due_at": progress.due.map(time),
        "expires_at": record.expires_at.map(time),
        "submissions": progress.submissions,
        "may_be_accepted_since": progress.doubt.map(time),
        "resend_after_seconds": match record.on_missing {
            OnMissing::ResendAfter(wait) => Some(wait.as_secs()),
            _ => None,
        },
        "email_id": email_id(record),
        "delivery": record.delivery.as_ref().map(|it| json!({"status": it.status, "at": time(it.at)})),
        "reason": progress.reason,
    })
}

/// The id that the API gave to an accepted email.
pub fn email_id(record: &Record) -> Option<&EmailId> {
    match &record.progress.state {
        State::Accepted(remote) => remote.id.as_ref(),
        _ => None,
    }
}

/// A time in ISO 8601, to the second.
pub fn time(time: Time) -> String {
    Timestamp::from_second(time.as_micros().div_euclid(1_000_000)).to_string()
}

fn state(state: &State) -> String {
    match state {
        State::Dispatching { step: Step::Submit, .. } => "dispatching: it is being submitted".into(),
        State::Dispatching { step: Step::Look, .. } => "dispatching: the email log is being searched".into(),
        other => other.name().to_owned(),
    }
}

const fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Transactional => "transactional",
        Lane::Marketing => "marketing",
    }
}

fn on_missing(policy: OnMissing) -> String {
    match policy {
        OnMissing::ResendAfter(wait) => format!("send again after {} s", wait.as_secs()),
        _ => "park".into(),
    }
}
