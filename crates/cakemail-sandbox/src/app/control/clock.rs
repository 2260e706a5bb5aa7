//! `/_sandbox/clock`: reads and moves the clock.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::reply::PendingResponse;
use crate::domain::{Fields, compact};
use crate::engine::ValidatedRequest;
use crate::webhooks::dispatcher;

pub(super) const OPERATIONS: Table = &[("getClock", Handler::Immediate(show)), ("setClock", Handler::Waiting(set))];

fn show(app: &App, _: &ValidatedRequest) -> HandlerResult {
    Ok(ApiResponse::ok(to_json(app)))
}

fn set(app: Arc<App>, request: ValidatedRequest) -> PendingResponse {
    Box::pin(async move {
        let pace = request.body.field("pace").and_then(Value::as_f64);
        let by = request.body.integer("advance_ms").and_then(|by| u64::try_from(by).ok());
        let by = by.map(Duration::from_millis);
        if let Err(error) = app.engine.record_clock(pace, by.unwrap_or_default()) {
            return error.into();
        }
        if let Some(pace) = pace {
            app.clock().set_pace(pace);
        }
        if let Some(by) = by {
            dispatcher::advance(&app.engine, by).await;
        }
        ApiResponse::ok(to_json(&app))
    })
}

fn to_json(app: &App) -> Value {
    let state = app.state();
    compact(json!({
        "time": state.now.iso_millis(),
        "pace": app.clock().pace(),
        "next": state.next_due().map(crate::domain::Time::iso_millis),
    }))
}
