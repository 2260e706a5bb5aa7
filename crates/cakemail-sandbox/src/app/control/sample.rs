//! `/_sandbox/sample`: something to look at.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Handler, Table, missing};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;

pub(super) const OPERATIONS: Table = &[("createSample", Handler::Now(sample))];

/// Recipient, subject, tags, and what the email says.
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

fn sample(core: &Core, given: &Checked) -> Outcome {
    let (id, sender, list) = furnished(core, given.body.integer("account_id"))?;
    let count = given.body.integer("emails").and_then(|it| usize::try_from(it).ok()).unwrap_or(12);
    let emails = (0..count).map(|n| submit(core, id, email(n, &sender, list))).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::created(json!({"account_id": id, "sender_id": sender, "list_id": list, "emails": emails})))
}

/// An account, the first one unless another is asked for, with a confirmed sender and a list.
fn furnished(core: &Core, asked: Option<i64>) -> Result<(i64, String, i64), Answer> {
    let mut state = core.state();
    let first = state.accounts.first().map(|account| account.id).unwrap_or_default();
    let id = asked.unwrap_or(first);
    let (now, ids) = (state.now, Arc::clone(&state.ids));
    let account = state.account_mut(id).ok_or_else(|| missing("Account", id))?;
    let list = account.lists.first().map(|list| list.id).unwrap_or_default();
    Ok((id, account.confirmed_sender(&ids, now), list))
}

fn email(n: usize, sender: &str, list: i64) -> Map<String, Value> {
    let (name, subject, tags, words) = SAMPLES[n % SAMPLES.len()];
    let round = n / SAMPLES.len();
    let label = if round == 0 { String::new() } else { format!("-{round}") };
    let html = format!(
        "<!doctype html><html><body style=\"font-family: sans-serif; line-height: 1.5; color: #222\"><h1>{subject}</h1>\
         <p>{words}</p><p><a href=\"https://example.com/{n}\">Go on</a></p></body></html>"
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
            "text": format!("{subject}\n\n{words}\n\nhttps://example.com/{n}\n"),
            "encoding": "utf-8",
        },
    });
    if tags.contains(&"receipt") {
        email["attachment"] =
            json!([{"filename": "receipt.csv", "type": "text/csv", "content": "aXRlbSxwcmljZQ0KdGVhLDQuMjANCg=="}]);
    }
    email.as_object().cloned().unwrap_or_default()
}

/// Submits an email as the account would; the answer is its id.
fn submit(core: &Core, account: i64, body: Map<String, Value>) -> Result<Uuid, Answer> {
    let operation = core.document.operations.iter().find(|it| it.id == "submitEmail");
    let operation = operation.ok_or_else(|| Answer::fault("The document has no submitEmail"))?;
    let size = json!(body).to_string().len();
    let accepted = core.operate_now(operation, Some(account), Checked { body, size, ..Checked::default() })?.accepted;
    accepted.ok_or_else(|| Answer::fault("An email was submitted and not accepted"))
}
