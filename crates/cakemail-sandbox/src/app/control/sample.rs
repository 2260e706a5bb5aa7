//! `/_sandbox/sample`: submits sample emails.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Handler, Table, missing};
use crate::api::resources;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::domain::{Fields, State};
use crate::engine::{Command, CommandError, ValidatedRequest};

pub(super) const OPERATIONS: Table = &[("createSample", Handler::Immediate(create))];

/// Recipient, subject, tags, and text.
const SAMPLES: [(&str, &str, &[&str], &str); 9] = [
    ("opened+ada", "Welcome aboard, Ada", &["welcome"], "We are glad that you are here. Your first steps are below."),
    ("clicked+grace", "Confirm your address", &["welcome", "confirm"], "One click, and your account is ready."),
    ("delivered+alan", "Your receipt of May", &["receipt"], "Thank you. The receipt is attached."),
    ("bounced+nobody", "Your parcel is on its way", &["shipping"], "It should be with you in three days."),
    ("soft-bounced+full", "Your parcel was delivered", &["shipping"], "It is behind the flower pots."),
    ("complained+angry", "The spring sale ends today", &["news"], "Everything must go, and so must we."),
    ("unsubscribed+leaving", "What happened in April", &["news"], "Twelve things, in no order."),
    ("rejected+refused", "Reset your password", &["security"], "The link is good for an hour."),
    ("stuck+waiting", "A new device signed in", &["security"], "If that was you, there is nothing to do."),
];

fn create(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let (id, sender, list) = ensure_sender(app, request.body.integer("account_id"))?;
    let count = request.body.integer("emails").and_then(|count| usize::try_from(count).ok()).unwrap_or(12);
    let emails = (0..count).map(|n| submit(app, id, email(n, &sender, list))).collect::<Result<Vec<_>, _>>()?;
    Ok(ApiResponse::created(json!({"account_id": id, "sender_id": sender, "list_id": list, "emails": emails})))
}

/// The ids of an account (the first one by default), of a confirmed sender, and of a list.
fn ensure_sender(app: &App, asked: Option<i64>) -> Result<(i64, String, i64), ApiResponse> {
    let mut transaction = app.engine.begin();
    let first = transaction.accounts.first().map(|account| account.id).unwrap_or_default();
    let id = asked.unwrap_or(first);
    if transaction.account(id).is_none() {
        return Err(missing("Account", id));
    }
    transaction.apply(Command::EnsureSender { account: id })?;
    let account = transaction.account(id).ok_or_else(|| missing("Account", id))?;
    let list = account.lists.iter().next().map(|list| list.id).unwrap_or_default();
    let sender = account.first_confirmed_sender();
    Ok((id, sender.map(|sender| sender.id.clone()).unwrap_or_default(), list))
}

fn email(n: usize, sender: &str, list: i64) -> Map<String, Value> {
    let (name, subject, tags, text) = SAMPLES[n % SAMPLES.len()];
    let round = n / SAMPLES.len();
    let label = if round == 0 { String::new() } else { format!("-{round}") };
    let html = format!(
        "<!doctype html><html><body style=\"font-family: sans-serif; line-height: 1.5; color: #222\"><h1>{subject}</h1>\
         <p>{text}</p><p><a href=\"https://example.com/{n}\">Go on</a></p></body></html>"
    );
    let mut email = json!({
        "email": format!("{name}{label}@example.com"),
        "list_id": list,
        "sender": {"id": sender},
        "tags": tags,
        "content": {
            "type": if tags.contains(&"news") { "marketing" } else { "transactional" },
            "subject": subject,
            "html": html,
            "text": format!("{subject}\n\n{text}\n\nhttps://example.com/{n}\n"),
            "encoding": "utf-8",
        },
    });
    if tags.contains(&"receipt") {
        email["attachment"] =
            json!([{"filename": "receipt.csv", "type": "text/csv", "content": "aXRlbSxwcmljZQ0KdGVhLDQuMjANCg=="}]);
    }
    email.as_object().cloned().unwrap_or_default()
}

/// Submits an email for an account, and returns its id.
fn submit(app: &App, account: i64, body: Map<String, Value>) -> Result<Uuid, ApiResponse> {
    let operation = app.document.operation("submitEmail");
    let operation = operation.ok_or_else(|| ApiResponse::internal_error("The document has no submitEmail"))?;
    let request = ValidatedRequest {
        operation: operation.id.clone(),
        account: Some(account),
        size: json!(body).to_string().len(),
        body,
        sample: true,
        ..ValidatedRequest::default()
    };
    let run = |state: &mut State, request| resources::run(operation, request, app.environment(), state);
    let response = app.engine.begin().run(request, run).map_err(CommandError::NotRecorded)??;
    response.accepted.ok_or_else(|| ApiResponse::internal_error("An email was submitted and not accepted"))
}
