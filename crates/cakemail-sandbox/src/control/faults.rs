//! `/_sandbox/faults`: what goes wrong on purpose.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Handler, Table};
use crate::answer::{Answer, Outcome};
use crate::api::Fields;
use crate::core::Core;
use crate::faults::Active;
use crate::validate::Checked;
use crate::{Fault, Limit, Preset};

pub(super) const OPERATIONS: Table =
    &[("listFaults", Handler::Now(list)), ("setFault", Handler::Now(set)), ("clearFaults", Handler::Now(clear))];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedPreset {
    preset: String,
    #[serde(default)]
    seed: u64,
}

fn list(core: &Core, _: &Checked) -> Outcome {
    let faults: Vec<_> = core.faults.all().iter().map(|it| shown(it)).collect();
    let (limit, lag) = (core.faults.limit(), core.faults.lag().as_millis().try_into().unwrap_or(u64::MAX));
    Ok(Answer::ok(json!({"data": faults, "limit": limit, "lag_logs_ms": lag})))
}

fn shown(active: &Active) -> Value {
    let Active { id, fault, .. } = active;
    json!({"id": id, "fault": fault, "words": fault.to_string(), "seen": active.seen(), "hits": active.hits()})
}

/// Sets the one thing that the body names.
fn set(core: &Core, given: &Checked) -> Outcome {
    let body = Value::Object(given.body.clone());
    let only = body.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.iter().next());
    match only.map(|(name, value)| (name.as_str(), value)) {
        Some(("limit", limit)) => {
            let limit: Limit = read(limit.clone())?;
            core.faults.set_limit(limit, core.clock.time());
        }
        Some(("lag_logs_ms", lag)) => core.faults.set_lag(Duration::from_millis(read(lag.clone())?)),
        Some(("refuse_ms", time)) => core.refuse_for(Duration::from_millis(read(time.clone())?)).map_err(refused)?,
        _ if body.get("preset").is_some() => {
            let NamedPreset { preset, seed } = read(body)?;
            core.preset(preset.parse::<Preset>().map_err(refused)?, seed);
        }
        _ => {
            let fault: Fault = read(body)?;
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

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Answer> {
    serde_json::from_value(value).map_err(refused)
}

fn refused(error: impl ToString) -> Answer {
    Answer::bad_request(&["body"], error.to_string())
}
