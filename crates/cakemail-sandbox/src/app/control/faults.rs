//! `/_sandbox/faults`: what goes wrong on purpose.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Handler, Table};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::faults::Active;
use crate::{Fault, Limit, Preset};

pub(super) const OPERATIONS: Table =
    &[("listFaults", Handler::Now(list)), ("setFault", Handler::Now(set)), ("clearFaults", Handler::Now(clear))];

/// What can be set. The document's schema has told what fits, and what else would.
#[derive(Deserialize)]
#[serde(untagged)]
enum Setting {
    Limit {
        limit: Limit,
    },
    Lag {
        lag_logs_ms: u64,
    },
    Refusal {
        refuse_ms: u64,
    },
    Preset {
        preset: String,
        #[serde(default)]
        seed: u64,
    },
    Fault(Fault),
}

fn list(core: &Core, _: &Checked) -> Outcome {
    let faults: Vec<_> = core.faults.all().iter().map(|it| shown(it)).collect();
    let (limit, lag) = (core.faults.limit(), core.faults.lag().as_millis().try_into().unwrap_or(u64::MAX));
    Ok(Answer::ok(json!({"data": faults, "limit": limit, "lag_logs_ms": lag})))
}

fn shown(active: &Active) -> Value {
    let Active { id, fault, .. } = active;
    json!({"id": id, "fault": fault, "description": fault.to_string(), "seen": active.seen(), "hits": active.hits()})
}

fn set(core: &Core, given: &Checked) -> Outcome {
    match serde_json::from_value(without_nulls(Value::Object(given.body.clone()))).map_err(refused)? {
        Setting::Limit { limit } => core.faults.set_limit(limit, core.clock.time()),
        Setting::Lag { lag_logs_ms } => core.faults.set_lag(Duration::from_millis(lag_logs_ms)),
        Setting::Refusal { refuse_ms } => core.refuse_for(Duration::from_millis(refuse_ms)).map_err(refused)?,
        Setting::Preset { preset, seed } => core.preset(preset.parse::<Preset>().map_err(refused)?, seed),
        Setting::Fault(fault) => {
            if let Some(flaw) = fault.flaw() {
                return Err(refused(flaw));
            }
            return Ok(Answer::created(shown(&core.faults.add(fault))));
        }
    }
    Ok(Answer { status: 201, ..list(core, given)? })
}

fn clear(core: &Core, given: &Checked) -> Outcome {
    let Some(id) = given.query.integer("id") else {
        core.clear_faults();
        return list(core, given);
    };
    if u64::try_from(id).is_ok_and(|id| core.faults.remove(id)) {
        return list(core, given);
    }
    Err(Answer::bad_request(&["query", "id"], format!("There is no fault {id}: GET /_sandbox/faults lists them")))
}

/// `null` is as absent, as in every body.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            compact(fields.into_iter().map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}

fn refused(error: impl ToString) -> Answer {
    Answer::bad_request(&["body"], error.to_string())
}
