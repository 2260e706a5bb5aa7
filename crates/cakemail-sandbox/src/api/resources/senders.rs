//! Senders, and the emails that ask to confirm them.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::{Call, check_room};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::index::Key;
use crate::domain::{Account, Confirmation, Fields, Sender, State, Time, compact};

pub(super) const OPERATIONS: super::Table = &[
    ("listSenders", Handler::Authenticated(list)),
    ("createSender", Handler::Authenticated(create)),
    ("getSender", Handler::Authenticated(get)),
    ("patchSender", Handler::Authenticated(patch)),
    ("deleteSender", Handler::Authenticated(delete)),
    ("resendConfirmationEmail", Handler::Authenticated(resend)),
    ("confirmSender", Handler::Public(confirm)),
];

fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    call.listed(&account.senders, account.senders.numbers(), to_json)
}

fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    check_room(account.senders.len())?;
    let email = call.body().text("email").unwrap_or_default().to_owned();
    let own = email.eq_ignore_ascii_case(&account.email);
    let mut sender = Sender {
        id: call.ids.next().to_string(),
        name: call.body().text("name").unwrap_or_default().into(),
        email,
        language: call.body().text("language").unwrap_or("en_US").into(),
        confirmed: own.then_some(call.now),
        confirmation_sent: None,
        confirmations: Vec::new(),
    };
    if !own {
        account.mailbox.push(confirmation(call, &mut sender));
    }
    let response = ApiResponse::created(json!({
        "id": sender.id, "created": true, "object": "sender", "data": to_json(&sender),
    }));
    account.senders.push(sender);
    Ok(response.documented())
}

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    Ok(ApiResponse::ok(json!({"data": to_json(find(call, account)?)})))
}

fn patch(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let sender = change(call, account, |sender| {
        if let Some(name) = call.body().text("name") {
            sender.name = name.into();
        }
        if let Some(language) = call.body().text("language") {
            sender.language = language.into();
        }
    })?;
    Ok(ApiResponse::ok(json!({"id": sender.id, "updated": true, "object": "sender", "data": to_json(sender)})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let id = find(call, account)?.id.clone();
    account.senders.remove_row("id", Key::Text(&id));
    Ok(ApiResponse::ok(json!({"id": id, "deleted": true, "object": "sender"})))
}

fn resend(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let mut sender = find(call, account)?.clone();
    if sender.confirmed.is_some() {
        let msg = format!("Sender {} is confirmed already", sender.id);
        return Err(ApiResponse::bad_request(&["path", "sender_id"], msg).assumed());
    }
    account.mailbox.push(confirmation(call, &mut sender));
    let sender = change(call, account, |old| *old = sender)?;
    Ok(ApiResponse::ok(json!({"id": sender.id, "resent": true, "object": "sender"})))
}

fn confirm(call: &Call<'_>, state: &mut State) -> HandlerResult {
    let id = call.body().text("confirmation_id").unwrap_or_default();
    let sender = state.confirm_sender(id).map_err(|msg| ApiResponse::bad_request(&["body", "confirmation_id"], msg))?;
    Ok(ApiResponse::ok(json!({"confirmed": true, "object": "sender", "data": to_json(sender)})))
}

fn find<'a>(call: &Call<'_>, account: &'a Account) -> Result<&'a Sender, ApiResponse> {
    let id = call.path_text("sender_id");
    account.sender(id).ok_or_else(|| call.missing("Sender", id))
}

/// Changes the sender in the path.
fn change<'a>(
    call: &Call<'_>,
    account: &'a mut Account,
    change: impl FnOnce(&mut Sender),
) -> Result<&'a Sender, ApiResponse> {
    let id = call.path_text("sender_id");
    account.senders.change_row("id", Key::Text(id), change).ok_or_else(|| call.missing("Sender", id))
}

/// The email that asks to confirm a sender.
fn confirmation(call: &Call<'_>, sender: &mut Sender) -> Confirmation {
    let id = call.ids.secret();
    sender.confirmations.push((id.clone(), call.now.plus(call.profile.confirmation_lifetime)));
    sender.confirmation_sent = Some(call.now);
    let hours = call.profile.confirmation_lifetime.as_secs() / 3600;
    Confirmation { id, name: sender.name.clone(), email: sender.email.clone(), hours }
}

fn to_json(sender: &Sender) -> Value {
    compact(json!({
        "id": sender.id,
        "name": sender.name,
        "email": sender.email,
        "confirmed": sender.confirmed.is_some(),
        "confirmed_on": sender.confirmed.map(Time::seconds),
        "language": sender.language,
        "last_confirmation_sent_on": sender.confirmation_sent.map(Time::seconds),
    }))
}
