//! `/_sandbox/sample`: something to look at.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Handler, Table, missing};
use crate::answer::{Answer, Outcome};
use crate::api::{self, Call, Fields};
use crate::core::Core;
use crate::state::State;
use crate::validate::Checked;

pub(super) const OPERATIONS: Table = &[("sample", Handler::Now(sample))];

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
    let mut state = core.state();
    let first = state.accounts.first().map(|account| account.id).unwrap_or_default();
    let id = given.body.integer("account_id").unwrap_or(first);
    let (now, ids) = (state.now, Arc::clone(&state.ids));
    let account = state.account_mut(id).ok_or_else(|| missing("Account", id))?;
    let sender = account.confirmed_sender(&ids, now);
    let list = account.lists.first().map(|list| list.id).unwrap_or_default();
    let count = given.body.integer("emails").and_then(|it| usize::try_from(it).ok()).unwrap_or(12);
    let mut emails = Vec::new();
    for n in 0..count {
        emails.push(submit(core, &mut state, id, email(n, &sender, list))?);
    }
    Ok(Answer::created(json!({"account_id": id, "sender_id": sender, "list_id": list, "emails": emails})))
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
fn submit(core: &Core, state: &mut State, account: i64, body: Map<String, Value>) -> Result<Value, Answer> {
    let operation = core.document.operations.iter().find(|it| it.id == "submitEmail");
    let operation = operation.ok_or_else(|| Answer::fault("The document has no submitEmail"))?;
    let (profile, ids, rules) = (state.profile.clone(), Arc::clone(&state.ids), Arc::clone(&state.rules));
    let size = json!(body).to_string().len();
    let given = Checked { path: Map::new(), query: Map::new(), body, size };
    let (now, base) = (state.now, core.base.as_str());
    let call = Call { operation, profile: &profile, base, now, logged: now, given, ids: &ids, rules: &rules };
    let account = state.account_mut(account).ok_or_else(|| missing("Account", account))?;
    let accepted = api::submit(&call, account)?.accepted;
    accepted.map(|id| json!(id)).ok_or_else(|| Answer::fault("An email was submitted and not accepted"))
}
