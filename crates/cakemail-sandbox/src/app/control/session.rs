//! `/_sandbox/session`: signs a browser in with the control token. Frames and event streams cannot send it in a header.

use serde_json::json;

use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::Fields;
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("signIn", Handler::Immediate(sign_in))];

fn sign_in(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let Some(control) = &app.config.control_token else {
        return Err(ApiResponse::bad_request(&["body", "token"], "This sandbox has no control token"));
    };
    let token = request.body.text("token").unwrap_or_default();
    if !control.is(token) {
        return Err(ApiResponse::unauthorized("This is not the control token of this sandbox"));
    }
    let secure = if app.base.starts_with("https:") { "; Secure" } else { "" };
    let path = app.base.path();
    let cookie = format!("{}={token}; Path={path}/; HttpOnly; SameSite=Strict{secure}", app.cookie());
    Ok(ApiResponse::ok(json!({})).with_header("set-cookie", cookie))
}
