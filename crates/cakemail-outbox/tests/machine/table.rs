//! The state machine as a table that a person can read: `table.txt`. It is computed from every state, event and condition,
//! and names the conditions that matter.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::EmailId;
use cakemail_outbox::state::{Decision, Event, Evidence, Progress, Reason, Remote, Rules, State, Step};
use cakemail_outbox::{OnMissing, Owner, Record, Time};

const NOW: Time = Time::from_micros(1_000_000_000_000);

/// The conditions, and the values of each. "Settled": the settle time has passed since the doubt, when the search was claimed.
/// "Old": the limit of the evidence has passed, too.
const CONDITIONS: [&[&str]; 4] = [
    &["no doubt", "doubt", "doubt settled since the claim", "doubt settled", "doubt old"],
    &["park", "resend"],
    &["0 resends", "1 resend", "3 resends"],
    &["not expired", "expired"],
];

type Row = (Vec<String>, String);

#[test]
fn each_event_in_each_state_does_what_the_table_says() {
    let mut table = String::from(
        "What each event does in each state, by the conditions that matter. An event that is not listed changes nothing.\n",
    );
    for (state, name) in states() {
        table += &format!("\n{name}\n");
        for (event, apply) in events() {
            let outcome = |values: &[usize]| {
                let record = record(&state, values)?;
                Some(apply(&record).map_or("-".to_owned(), |next| describe(&record.progress, &next)))
            };
            for (conditions, outcome) in rows(&mut Vec::new(), &outcome) {
                if outcome != "-" {
                    table += format!("  {event:<24}{:<78}{outcome}", conditions.join(", ")).trim_end();
                    table.push('\n');
                }
            }
        }
    }
    insta::with_settings!({ snapshot_path => ".", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("table", table);
    });
}

/// From which state to which an event leads under some condition. A claimed email is in the state of its step.
pub fn transitions() -> Vec<(&'static str, &'static str)> {
    let name = |state: &State| match state {
        State::Dispatching { step: Step::Submit, .. } => "submit",
        State::Dispatching { step: Step::Look, .. } => "look",
        state => state.name(),
    };
    let mut transitions = Vec::new();
    for (state, _) in states() {
        for (_, apply) in events() {
            for values in combinations() {
                let next = record(&state, &values).and_then(|record| apply(&record));
                transitions.extend(next.map(|next| (name(&state), name(&next.state))));
            }
        }
    }
    transitions
}

/// All values of the conditions.
fn combinations() -> Vec<Vec<usize>> {
    CONDITIONS.iter().fold(vec![Vec::new()], |lists, names| {
        let longer = |list: Vec<usize>| (0..names.len()).map(move |value| [list.as_slice(), &[value]].concat());
        lists.into_iter().flat_map(longer).collect()
    })
}

fn rules() -> Rules {
    Rules::default()
}

fn states() -> Vec<(State, &'static str)> {
    let since = NOW.before(Duration::from_secs(10));
    let dispatching = |step| State::Dispatching { owner: Owner(1), step, since };
    vec![
        (State::Queued, "queued"),
        (dispatching(Step::Submit), "dispatching, submit"),
        (dispatching(Step::Look), "dispatching, look"),
        (State::Unknown, "unknown"),
        (State::Parked, "parked"),
        (State::Accepted(Remote::new(None)), "accepted, without an id"),
        (State::Accepted(Remote::new(EmailId::from("a"))), "accepted, with the id a"),
        (State::Refused, "refused"),
        (State::Cancelled, "cancelled"),
        (State::Expired, "expired"),
    ]
}

/// The record in this state under these conditions, if it can be.
fn record(state: &State, values: &[usize]) -> Option<Record> {
    let &[doubt, policy, resends, expiry] = values else { return None };
    let (rules, ago) = (rules(), |seconds| NOW.before(Duration::from_secs(seconds)));
    let doubt = [None, Some(ago(1)), Some(ago(65)), Some(ago(600)), Some(ago(100_000))][doubt];
    let is_look = matches!(state, State::Dispatching { step: Step::Look, .. });
    if doubt.is_none() && (is_look || matches!(state, State::Unknown | State::Parked)) {
        return None;
    }
    if doubt.is_some() && *state == State::Expired {
        return None;
    }
    let mut record = Record::new(1, IdempotencyKey::new("1").unwrap(), ago(200_000));
    record.on_missing = [OnMissing::Park, OnMissing::ResendAfter(rules.settle)][policy];
    record.expires_at = [None, Some(ago(1))][expiry];
    let is_ended = state.is_ended() || *state == State::Parked;
    record.progress.state = state.clone();
    record.progress.due = (!is_ended).then_some(NOW);
    record.progress.doubt = doubt;
    record.progress.submissions = 1;
    record.progress.resends = [0, 1, rules.max_resends][resends];
    Some(record)
}

type Apply = Box<dyn Fn(&Record) -> Option<Progress>>;

fn events() -> Vec<(&'static str, Apply)> {
    let reason = || Reason::new("Given", "");
    let completed = |event: Event| -> Apply {
        Box::new(move |record| record.complete(record.progress.epoch, &event, &rules(), NOW))
    };
    let stale = |event: Event| -> Apply {
        Box::new(move |record| record.complete(record.progress.epoch - 1, &event, &rules(), NOW))
    };
    let decided =
        |decision: Decision| -> Apply { Box::new(move |record| record.decide(&decision, &rules(), NOW).ok()) };
    let retry_after = Some(Duration::from_secs(30));
    vec![
        ("claim", Box::new(|record| record.claim(Owner(2), &rules(), NOW))),
        ("Accepted", completed(Event::Accepted(Remote::new(EmailId::from("b"))))),
        ("Accepted, stale", stale(Event::Accepted(Remote::new(EmailId::from("b"))))),
        ("Accepted without an id", completed(Event::Accepted(Remote::new(None)))),
        ("Refused", completed(Event::Refused(reason()))),
        ("Refused, stale", stale(Event::Refused(reason()))),
        ("NotSent", completed(Event::NotSent { reason: reason(), retry_after: None })),
        ("NotSent, wait 30 s", completed(Event::NotSent { reason: reason(), retry_after })),
        ("NotSent, stale", stale(Event::NotSent { reason: reason(), retry_after })),
        ("Lost", completed(Event::Lost(reason()))),
        ("Lost, stale", stale(Event::Lost(reason()))),
        ("Released", completed(Event::Released)),
        ("Released, stale", stale(Event::Released)),
        ("NotFound, caught up", completed(Event::NotFound(Evidence::CaughtUp))),
        ("NotFound, no traffic", completed(Event::NotFound(Evidence::NoTraffic))),
        ("NotFound, behind", completed(Event::NotFound(Evidence::Behind))),
        ("NotFound, stale", stale(Event::NotFound(Evidence::CaughtUp))),
        ("LookFailed", completed(Event::LookFailed(reason()))),
        ("LookFailed, stale", stale(Event::LookFailed(reason()))),
        ("KeyConflict", completed(Event::KeyConflict(reason()))),
        ("KeyConflict, stale", stale(Event::KeyConflict(reason()))),
        ("decide Resend", decided(Decision::Resend)),
        ("decide Look", decided(Decision::Look)),
        ("decide MarkAccepted", decided(Decision::MarkAccepted(Remote::new(None)))),
        ("decide Cancel", decided(Decision::Cancel)),
    ]
}

/// The outcomes by the conditions that change them. Values with the same outcomes are one row.
fn rows(values: &mut Vec<usize>, outcome: &dyn Fn(&[usize]) -> Option<String>) -> Vec<Row> {
    let Some(names) = CONDITIONS.get(values.len()) else {
        return outcome(values).map(|outcome| (Vec::new(), outcome)).into_iter().collect();
    };
    let mut groups: Vec<(Vec<&str>, Vec<Row>)> = Vec::new();
    for (value, name) in names.iter().enumerate() {
        values.push(value);
        let below = rows(values, outcome);
        values.pop();
        match groups.iter_mut().find(|(_, rows)| *rows == below) {
            Some((names, _)) => names.push(name),
            None if below.is_empty() => {}
            None => groups.push((vec![name], below)),
        }
    }
    let matters = groups.len() > 1;
    let label = |names: &[&str], (mut conditions, outcome): Row| {
        if matters {
            let is_any_doubt = names == &CONDITIONS[0][1..];
            conditions.insert(0, if is_any_doubt { "any doubt".to_owned() } else { names.join(" or ") });
        }
        (conditions, outcome)
    };
    groups.iter().flat_map(|(names, rows)| rows.iter().map(|row| label(names, row.clone()))).collect()
}

/// The new state, and what else changed.
fn describe(before: &Progress, after: &Progress) -> String {
    assert_eq!(after.epoch, before.epoch + 1, "each change raises the epoch");
    let mut text = match &after.state {
        State::Dispatching { step: Step::Submit, .. } => "dispatching, submit".to_owned(),
        State::Dispatching { step: Step::Look, .. } => "dispatching, look".to_owned(),
        State::Accepted(Remote { id: Some(id), .. }) => format!("accepted, id {id}"),
        state => state.name().to_owned(),
    };
    let relative = |time: Time| match time.as_micros() - NOW.as_micros() {
        0 => "now".to_owned(),
        micros => format!("{:+} s", micros / 1_000_000),
    };
    if let Some(due) = after.due {
        text += &format!("; due {}", relative(due));
    }
    if let Some(doubt) = after.doubt.filter(|_| after.doubt != before.doubt) {
        text += &format!("; doubt {}", relative(doubt));
    }
    for (name, before, after) in [
        ("submissions", before.submissions, after.submissions),
        ("resends", before.resends, after.resends),
        ("failures", before.failures, after.failures),
    ] {
        if before != after {
            text += &format!("; {name} {:+}", i64::from(after) - i64::from(before));
        }
    }
    if let Some(reason) = after.reason.as_ref().filter(|_| after.reason != before.reason) {
        text += &format!("; reason {}", reason.kind);
    }
    text
}
