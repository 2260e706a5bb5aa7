//! What a person does with an email in the inbox: reads it, deletes it, and checks its content.

use serde_json::json;

use super::messages::asked;
use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::Fields;
use crate::engine::{Command, ValidatedRequest};
use crate::message::{self, Message};

pub(super) const OPERATIONS: Table = &[
    ("setMessageRead", Handler::Immediate(set_read)),
    ("deleteMessage", Handler::Immediate(delete)),
    ("listMessageChecks", Handler::Immediate(checks)),
];

fn set_read(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let read = request.body.field("read").is_some_and(|read| read == true);
    let mut transaction = app.engine.begin();
    let (_, email) = asked(&transaction, request)?;
    let (id, changed) = (email.id, email.read != read);
    if changed {
        transaction.apply(Command::SetRead { email: id, read })?;
    }
    Ok(ApiResponse::ok(json!({"read": read})))
}

fn delete(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let email = asked(&transaction, request)?.1.id;
    transaction.apply(Command::DeleteEmail { email })?;
    Ok(ApiResponse::ok(json!({})))
}

fn checks(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let (_, email) = asked(&state, request)?;
    Ok(ApiResponse::ok(json!({"data": message::checks(&Message::of(email, &app.base))})))
}
