//! `/_sandbox/faults`: what goes wrong on purpose.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::parameter;
use crate::answer::{Answer, Outcome};
use crate::core::{Core, Incoming};
use crate::faults::Active;
use crate::{Fault, Limit, Preset};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedPreset {
    preset: String,
    #[serde(default)]
    seed: u64,
}

pub(super) fn list(core: &Core, _: &Incoming<'_>) -> Outcome {
    let faults: Vec<_> = core.faults.all().iter().map(|it| shown(it)).collect();
    let (limit, lag) = (core.faults.limit(), core.faults.lag().as_millis().try_into().unwrap_or(u64::MAX));
    Ok(Answer::ok(json!({"data": faults, "limit": limit, "lag_logs_ms": lag})))
}

fn shown(active: &Active) -> Value {
    let Active { id, fault, .. } = active;
    json!({"id": id, "fault": fault, "words": fault.to_string(), "seen": active.seen(), "hits": active.hits()})
}

/// Sets the one thing that the body names.
pub(super) fn set(core: &Core, request: &Incoming<'_>) -> Outcome {
    let body: Value = serde_json::from_slice(request.body).map_err(refused)?;
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
    Ok(Answer { status: 201, ..list(core, request)? })
}

pub(super) fn clear(core: &Core, request: &Incoming<'_>) -> Outcome {
    let Some(id) = parameter(request, "id") else {
        core.clear_faults();
        return list(core, request);
    };
    if id.parse().is_ok_and(|id| core.faults.remove(id)) {
        return list(core, request);
    }
    Err(Answer::bad_request(&["query", "id"], format!("There is no fault {id}: GET /_sandbox/faults lists them")))
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Answer> {
    serde_json::from_value(value).map_err(refused)
}

fn refused(error: impl ToString) -> Answer {
    Answer::bad_request(&["body"], error.to_string())
}
