//! What the sandbox offers besides the API.

mod faults;
mod ledger;

use serde_json::json;

use crate::answer::{Answer, Outcome};
use crate::api::senders;
use crate::core::{Core, Incoming};

type Handle = fn(&Core, &Incoming<'_>) -> Outcome;

const ROUTES: [(&str, &str, Handle); 8] = [
    ("GET", "/openapi.json", openapi),
    ("GET", "/_sandbox/health", health),
    ("GET", "/_sandbox/mailbox", mailbox),
    ("GET", "/_sandbox/confirm", confirm),
    ("GET", "/_sandbox/ledger", ledger::show),
    ("GET", "/_sandbox/faults", faults::list),
    ("POST", "/_sandbox/faults", faults::set),
    ("DELETE", "/_sandbox/faults", faults::clear),
];

pub(crate) fn answer(core: &Core, request: &Incoming<'_>) -> Outcome {
    let here = || ROUTES.iter().filter(|(_, path, _)| *path == request.path);
    match here().find(|(method, ..)| *method == request.method) {
        Some((.., handle)) => Ok(handle(core, request)?.assumed()),
        None if here().next().is_none() => Err(Answer::no_route()),
        None => Err(Answer::wrong_method(&here().map(|(method, ..)| *method).collect::<Vec<_>>().join(", "))),
    }
}

fn openapi(_: &Core, _: &Incoming<'_>) -> Outcome {
    let document = serde_json::from_str(cakemail_model::OPENAPI).map_err(|error| Answer::fault(&error.to_string()))?;
    Ok(Answer::ok(document))
}

fn health(core: &Core, _: &Incoming<'_>) -> Outcome {
    Ok(Answer::ok(json!({"status": "ok", "time": core.state().now.iso()})))
}

/// The confirmation mails to an address, oldest first.
fn mailbox(core: &Core, request: &Incoming<'_>) -> Outcome {
    let Some(address) = parameter(request, "address") else {
        return Err(Answer::bad_request(&["query", "address"], "Say whose mail: /_sandbox/mailbox?address=a@b.c"));
    };
    let mails = core.state().mails(&address);
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
    Ok(Answer::ok(json!({"data": data})))
}

/// Where the link of a confirmation mail leads.
fn confirm(core: &Core, request: &Incoming<'_>) -> Outcome {
    let id = parameter(request, "id").unwrap_or_default();
    senders::confirmed(&mut core.state(), &id)?;
    Ok(Answer::html("<!doctype html><title>Confirmed</title><p>The sender is confirmed.</p>".into()))
}

fn parameter(request: &Incoming<'_>, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query).ok()?;
    pairs.into_iter().find(|(it, _)| it == name).map(|(_, value)| value)
}
