//! Emails: submitted, shown, rendered.

mod rules;

use serde_json::{Value, json};

use super::{Call, Fields, Handler};
use crate::api::response::{Answer, Outcome, compact};
use crate::domain::lifecycle::{self, Kind};
use crate::domain::profile::{ListRule, Verdict};
use crate::domain::{Account, Contact, Email, Sender, Standing, Status};
use crate::message::{self, Message};

pub(super) use rules::rules;

pub(super) const OPERATIONS: super::Table = &[
    ("submitEmail", Handler::Signed(submit)),
    ("showEmail", Handler::Signed(show)),
    ("renderEmail", Handler::Signed(render)),
];

fn submit(call: &Call<'_>, account: &mut Account) -> Outcome {
    let mut doubts = Vec::new();
    let (recipient, list_id) = addressee(call, account)?;
    let sender = usable_sender(call, account, &mut doubts)?;
    let body = call.body();
    let mut email = Email {
        id: call.ids.uuid(),
        submitted: call.now,
        recipient: recipient.clone(),
        list_id,
        sender_id: sender.id.clone(),
        sender_name: body.object("sender").and_then(|it| it.text("name")).unwrap_or(&sender.name).into(),
        sender_email: sender.email.clone(),
        request: body.clone(),
        attributes: Vec::new(),
        events: Vec::new(),
        answered: true,
        plan: Vec::new(),
        size: call.given.size,
    };
    if let Some(reason) = account.suppressed(&recipient) {
        turn_down(call.profile.suppressed_recipient, &["body", "email"], reason, &mut doubts)
            .map_err(Answer::assumed)?;
    }
    let most = account.bounds.recipients();
    if let Some(list) = list_id.and_then(|id| account.list(id)) {
        let marketing = email.content("type").is_some_and(|it| it == "marketing");
        let contact = list.contacts.by_email(&recipient);
        let status = contact.as_ref().map(|contact| contact.status);
        email.attributes = contact.map(|contact| contact.attributes.clone()).unwrap_or_default();
        email.attributes.push(("LISTNAME".into(), list.name.clone()));
        if marketing && status == Some(Standing::Unsubscribed) {
            doubts.push("The recipient has unsubscribed from the list".into());
        }
        if status.is_none() && doubts.is_empty() && list.contacts.len() < most {
            list.contacts.insert(Contact::new(call.ids.next(), &recipient, call.now));
        }
    }
    let steps = if doubts.is_empty() { call.rules.steps(&email) } else { lifecycle::REJECTED.into() };
    let id = email.id;
    account.emails.submit(email, &steps, doubts.first().map(String::as_str));
    account.settle(call.now);
    let status = match account.emails.get(id).map(Email::status) {
        Some(status @ (Kind::Rejected | Kind::Error)) => status,
        _ => Kind::Queued,
    };
    let mut answer = Answer::created(json!({
        "email": recipient,
        "object": "email",
        "submitted": true,
        "data": {"id": id, "status": status.word()},
    }));
    answer.accepted = Some(id);
    Ok(if status == Kind::Queued { answer.documented() } else { answer.assumed() })
}

/// The recipient, and the list that manages it.
fn addressee(call: &Call<'_>, account: &mut Account) -> Result<(String, Option<i64>), Answer> {
    let body = call.body();
    let (list_id, contact_id) = (body.integer("list_id"), body.integer("contact_id"));
    let stands_in = contact_id.is_some() || body.flag("without_list_management");
    let needed = match call.profile.list {
        ListRule::Required => true,
        ListRule::StandIn => !stands_in,
        ListRule::Optional => false,
    };
    if list_id.is_none() && needed {
        let msg = "List management needs a list_id: use GET /lists to retrieve available lists";
        return Err(Answer::bad_request(&["body", "list_id"], msg).documented());
    }
    if let Some(id) = list_id {
        usable_list(call, account, id)?;
    }
    let mut recipient = body.text("email").map(str::to_owned);
    let mut home = list_id;
    if let Some(id) = contact_id {
        let mut lists = account.lists.iter_mut().filter(|it| list_id.is_none_or(|id| it.id == id));
        let found = lists.find_map(|list| Some((list.id, list.contacts.get(id)?.email.clone())));
        let Some((list, email)) = found else {
            return Err(Answer::bad_request(&["body", "contact_id"], format!("Contact {id} not found")).assumed());
        };
        usable_list(call, account, list)?;
        recipient.get_or_insert(email);
        home = Some(list);
    }
    Ok((recipient.unwrap_or_default(), home))
}

fn usable_list(call: &Call<'_>, account: &mut Account, id: i64) -> Result<(), Answer> {
    let refused = |msg| Answer::bad_request(&["body", "list_id"], msg);
    let list = account.list(id).ok_or_else(|| {
        let msg = format!(
            "List {id} not found: use GET /lists to retrieve available lists, and verify that it was not deleted"
        );
        refused(msg).documented()
    })?;
    if list.status == Status::Archived {
        return Err(refused(format!("List {id} is archived")).assumed());
    }
    if call.profile.policy_required && !list.policy_accepted {
        return Err(refused(format!("The policy of list {id} must be accepted first")).assumed());
    }
    Ok(())
}

/// The sender, when it exists; what speaks against it is refused, or goes to `doubts`.
fn usable_sender<'a>(call: &Call<'_>, account: &'a Account, doubts: &mut Vec<String>) -> Result<&'a Sender, Answer> {
    let loc = &["body", "sender", "id"];
    let id = call.body().object("sender").and_then(|it| it.text("id")).unwrap_or_default();
    let Some(sender) = account.sender(id) else {
        let msg = format!("Invalid sender: sender {id} not found; use GET /brands/default/senders to see the senders");
        return Err(Answer::bad_request(loc, msg).documented());
    };
    if sender.confirmed.is_none() {
        let msg = format!(
            "Invalid sender: sender {id} is not confirmed; click the link in its confirmation email, or ask for another \
             with POST /brands/default/senders/{id}/resend-confirmation-email"
        );
        turn_down(call.profile.unconfirmed_sender, loc, msg, doubts)?;
    }
    if !account.domains.valid {
        let msg = "Invalid sender: its domain must be authenticated with SPF/DKIM records; \
                   see GET /brands/default/domains/default/validate";
        turn_down(call.profile.unauthenticated_domain, loc, msg.into(), doubts)?;
    }
    Ok(sender)
}

fn turn_down(verdict: Verdict, loc: &[&str], msg: String, doubts: &mut Vec<String>) -> Result<(), Answer> {
    match verdict {
        Verdict::Refused => Err(Answer::bad_request(loc, msg).documented()),
        Verdict::Rejected => {
            doubts.push(msg);
            Ok(())
        }
    }
}

fn show(call: &Call<'_>, account: &mut Account) -> Outcome {
    let email = find(call, account)?;
    let tracks = |what| message::tracks(email, what);
    let content = compact(json!({
        "subject": email.subject(),
        "template_id": email.content("template").map(|it| &it["id"]),
        "custom_attributes": email.content("custom_attributes").map(pairs),
        "type": email.content("type"),
    }));
    Ok(Answer::ok(compact(json!({
        "email_id": email.id,
        "status": email.status().word(),
        "email": email.recipient,
        "provider": email.provider(),
        "submitted_time": email.submitted.seconds(),
        "unsubscribed": email.has(Kind::Unsubscribe),
        "global_unsubscribed": false,
        "soft_bounced": email.has(Kind::SoftBounce),
        "hard_bounced": email.has(Kind::HardBounce),
        "reported_as_spam": email.has(Kind::Spam),
        "open": email.count(Kind::Open),
        "click": email.count(Kind::Click),
        "list_id": email.list_id,
        "tags": email.tags().collect::<Vec<_>>(),
        "sender": {"id": email.sender_id, "name": email.sender_name, "email": email.sender_email},
        "content": content,
        "tracking": {
            "opens": tracks("opens"), "clicks_html": tracks("clicks_html"), "clicks_text": tracks("clicks_text"),
        },
        "additional_headers": email.request.field("additional_headers").map(pairs),
    })))
    .documented())
}

/// The names and values of a list, without what else a user wrote there.
fn pairs(list: &Value) -> Value {
    let items = list.as_array().into_iter().flatten();
    items.map(|it| compact(json!({"name": it["name"], "value": it["value"]}))).collect()
}

fn render(call: &Call<'_>, account: &mut Account) -> Outcome {
    let email = find(call, account)?;
    let page = match (call.query().flag("as_submitted"), call.query().flag("tracking")) {
        (true, _) => Message::as_submitted(email, call.base).page(),
        (false, true) => Message::of(email, call.base).tracked_page(),
        (false, false) => Message::of(email, call.base).page(),
    };
    Ok(Answer::html(page).assumed())
}

fn find<'a>(call: &Call<'_>, account: &'a Account) -> Result<&'a Email, Answer> {
    let id = call.name("email_id");
    account.email(id).ok_or_else(|| call.missing("Email", id))
}
