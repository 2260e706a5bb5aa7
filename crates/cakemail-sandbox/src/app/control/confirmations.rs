//! The emails that Cakemail itself sends to confirm a sender, and the target of their links.

use serde_json::json;

use super::{Handler, Table};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::mail;
use crate::domain::Fields;
use crate::engine::{Command, ValidatedRequest};

pub(super) const OPERATIONS: Table =
    &[("getMailbox", Handler::Immediate(mailbox)), ("openConfirmationLink", Handler::Link(confirm))];

fn mailbox(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let mails = mail::to(app, request.query.text("address").unwrap_or_default(), None);
    let data: Vec<_> = mails
        .into_iter()
        .map(|mail| {
            json!({
                "to": mail.to,
                "subject": mail.subject,
                "text": mail.text,
                "link": mail.link,
                "confirmation_id": mail.confirmation_id,
            })
        })
        .collect();
    Ok(ApiResponse::ok(json!({"data": data})))
}

fn confirm(app: &App, request: &ValidatedRequest, follow: bool) -> HandlerResult {
    if follow {
        let id = request.query.text("id").unwrap_or_default();
        let confirmed = app.engine.begin().apply(Command::ConfirmSender { confirmation: id.into() });
        confirmed.map_err(|error| ApiResponse::command_error(&error, &["query", "id"]))?;
    }
    Ok(ApiResponse::html("<!doctype html><title>Confirmed</title><p>The sender is confirmed.</p>".into()))
}
