//! Senders, and the mails that confirm them.

use serde_json::{Value, json};

use super::{Call, Fields, Handler};
use crate::api::response::{Answer, Outcome, compact};
use crate::domain::Time;
use crate::domain::{Account, Confirmation, Sender, State};

pub(super) const OPERATIONS: super::Table = &[
    ("listSenders", Handler::Signed(list)),
    ("createSender", Handler::Signed(create)),
    ("getSender", Handler::Signed(get)),
    ("patchSender", Handler::Signed(patch)),
    ("deleteSender", Handler::Signed(delete)),
    ("resendConfirmationEmail", Handler::Signed(resend)),
    ("confirmSender", Handler::Open(confirm)),
];

fn list(call: &Call<'_>, account: &mut Account) -> Outcome {
    let mut rows: Vec<_> = account.senders.iter().map(shown).collect();
    call.sorted(&mut rows)?;
    call.paged(rows)
}

fn create(call: &Call<'_>, account: &mut Account) -> Outcome {
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
    let answer = Answer::created(json!({
        "id": sender.id, "created": true, "object": "sender", "data": shown(&sender),
    }));
    account.senders.push(sender);
    Ok(answer.documented())
}

fn get(call: &Call<'_>, account: &mut Account) -> Outcome {
    Ok(Answer::ok(json!({"data": shown(find(call, account)?)})))
}

fn patch(call: &Call<'_>, account: &mut Account) -> Outcome {
    let sender = find(call, account)?;
    if let Some(name) = call.body().text("name") {
        sender.name = name.into();
    }
    if let Some(language) = call.body().text("language") {
        sender.language = language.into();
    }
    Ok(Answer::ok(json!({"id": sender.id, "updated": true, "object": "sender", "data": shown(sender)})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> Outcome {
    let id = find(call, account)?.id.clone();
    account.senders.retain(|it| it.id != id);
    Ok(Answer::ok(json!({"id": id, "deleted": true, "object": "sender"})))
}

fn resend(call: &Call<'_>, account: &mut Account) -> Outcome {
    let sender = find(call, account)?;
    if sender.confirmed.is_some() {
        let msg = format!("Sender {} is confirmed already", sender.id);
        return Err(Answer::bad_request(&["path", "sender_id"], msg).assumed());
    }
    let mail = confirmation(call, sender);
    let id = sender.id.clone();
    account.mailbox.push(mail);
    Ok(Answer::ok(json!({"id": id, "resent": true, "object": "sender"})))
}

fn confirm(call: &Call<'_>, state: &mut State) -> Outcome {
    let id = call.body().text("confirmation_id").unwrap_or_default();
    let sender = confirmed(state, id).map_err(|msg| Answer::bad_request(&["body", "confirmation_id"], msg))?;
    Ok(Answer::ok(json!({"confirmed": true, "object": "sender", "data": shown(sender)})))
}

/// Confirms the sender that a confirmation mail was for, or says why not.
pub(crate) fn confirmed<'a>(state: &'a mut State, id: &str) -> Result<&'a Sender, &'static str> {
    let now = state.now;
    let mut senders = state.accounts.iter_mut().flat_map(|account| &mut account.senders);
    let found = senders.find_map(|sender| {
        let (_, until) = sender.confirmations.iter().find(|(it, _)| it == id)?;
        Some((*until, sender))
    });
    let (until, sender) = found.ok_or("This confirmation is unknown")?;
    if until <= now && sender.confirmed.is_none() {
        return Err("This confirmation has expired: ask for another with resend-confirmation-email");
    }
    sender.confirmed.get_or_insert(now);
    Ok(sender)
}

fn find<'a>(call: &Call<'_>, account: &'a mut Account) -> Result<&'a mut Sender, Answer> {
    let id = call.name("sender_id");
    account.senders.iter_mut().find(|it| it.id == id).ok_or_else(|| call.missing("Sender", id))
}

/// Writes the mail that asks a sender to confirm.
fn confirmation(call: &Call<'_>, sender: &mut Sender) -> Confirmation {
    let id = call.ids.secret();
    sender.confirmations.push((id.clone(), call.now.plus(call.profile.confirmation_lifetime)));
    sender.confirmation_sent = Some(call.now);
    let hours = call.profile.confirmation_lifetime.as_secs() / 3600;
    Confirmation { id, name: sender.name.clone(), email: sender.email.clone(), hours }
}

fn shown(sender: &Sender) -> Value {
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
