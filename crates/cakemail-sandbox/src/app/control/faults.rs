//! `/_sandbox/faults`: injected faults.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Fields, compact};
use crate::engine::ValidatedRequest;
use crate::faults::Active;
use crate::{Fault, Limit, Preset};

pub(super) const OPERATIONS: Table = &[
    ("listFaults", Handler::Immediate(list)),
    ("setFault", Handler::Immediate(set)),
    ("clearFaults", Handler::Immediate(clear)),
];

/// What can be set. The body was validated before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
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

fn list(app: &App, _: &ValidatedRequest) -> HandlerResult {
    let faults: Vec<_> = app.faults.all().iter().map(|it| to_json(it)).collect();
    let (limit, lag) = (app.faults.limit(), app.faults.lag().as_millis().try_into().unwrap_or(u64::MAX));
    Ok(ApiResponse::ok(json!({"data": faults, "limit": limit, "lag_logs_ms": lag})))
}

fn to_json(active: &Active) -> Value {
    let Active { id, fault, .. } = active;
    json!({"id": id, "fault": fault, "description": fault.to_string(), "seen": active.seen(), "hits": active.hits()})
}

fn set(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let now = app.clock().time();
    match serde_json::from_value(without_nulls(Value::Object(request.body.clone()))).map_err(refused)? {
        Body::Limit { limit } => app.faults.change(|set| set.set_limit(limit, now))?,
        Body::Lag { lag_logs_ms } => app.faults.change(|set| set.set_lag(Duration::from_millis(lag_logs_ms)))?,
        Body::Refusal { refuse_ms } => app.refuse_connections_for(Duration::from_millis(refuse_ms)).map_err(refused)?,
        Body::Preset { preset, seed } => {
            let preset = preset.parse::<Preset>().map_err(refused)?;
            app.faults.change(|set| set.set_preset(preset, seed, now))?;
        }
        Body::Fault(fault) => {
            if let Some(reason) = fault.invalid_reason() {
                return Err(refused(reason));
            }
            return Ok(ApiResponse::created(to_json(&*app.faults.change(|set| set.add(fault))?)));
        }
    }
    Ok(ApiResponse { status: 201, ..list(app, request)? })
}

fn clear(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let Some(id) = request.query.integer("id") else {
        app.clear_faults()?;
        return list(app, request);
    };
    if let Ok(id) = u64::try_from(id)
        && app.faults.change(|set| set.remove(id))?
    {
        return list(app, request);
    }
    Err(ApiResponse::bad_request(&["query", "id"], format!("There is no fault {id}: GET /_sandbox/faults lists them")))
}

/// `null` counts as absent, as in every body.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            compact(fields.into_iter().map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}

fn refused(error: impl ToString) -> ApiResponse {
    ApiResponse::bad_request(&["body"], error.to_string())
}
