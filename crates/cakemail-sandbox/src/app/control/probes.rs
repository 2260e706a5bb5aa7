//! Probes and metrics, for what runs and watches the sandbox.

use serde_json::json;

use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::metrics;
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[
    ("getLiveness", Handler::Immediate(live)),
    ("getReadiness", Handler::Immediate(ready)),
    ("getMetrics", Handler::Immediate(metrics)),
];

fn live(_: &App, _: &ValidatedRequest) -> HandlerResult {
    Ok(ApiResponse::ok(json!({"status": "ok"})))
}

/// A request is served only once the state is loaded.
fn ready(app: &App, _: &ValidatedRequest) -> HandlerResult {
    if app.closing.has_begun() {
        return Err(ApiResponse::closing());
    }
    // Proves that the state can be reached.
    drop(app.state());
    Ok(ApiResponse::ok(json!({"status": "ok"})))
}

fn metrics(app: &App, _: &ValidatedRequest) -> HandlerResult {
    Ok(ApiResponse::other("text/plain; version=0.0.4; charset=utf-8", metrics::render(app)))
}
