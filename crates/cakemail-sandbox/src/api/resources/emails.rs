//! Emails.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::lifecycle::{self, EventKind};
use crate::domain::profile::{ListRule, Verdict};
use crate::domain::{Account, Contact, ContactStatus, Email, EmailSender, Fields, ListStatus, Sender, compact};
use crate::message::{self, Message};

pub(super) const OPERATIONS: super::Table = &[
    ("submitEmail", Handler::Authenticated(submit)),
    ("showEmail", Handler::Authenticated(show)),
    ("renderEmail", Handler::Authenticated(render)),
];

fn submit(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let mut rejections = Vec::new();
    let (recipient, list_id) = recipient_and_list(call, account)?;
    let sender = usable_sender(call, account, &mut rejections)?;
    let body = call.body();
    let sender = EmailSender {
        id: sender.id.clone(),
        name: body.object("sender").and_then(|it| it.text("name")).unwrap_or(&sender.name).into(),
        email: sender.email.clone(),
    };
    let mut email = Email::new(call.ids.uuid(), call.now, &recipient, sender, body);
    email.list_id = list_id;
    email.size = call.request.size;
    if let Some(reason) = account.suppression_reason(&recipient) {
        refuse_or_reject(call.profile.suppressed_recipient, &["body", "email"], reason, &mut rejections)
            .map_err(ApiResponse::assumed)?;
    }
    let max_listed = account.bounds.max_listed_recipients();
    if let Some((list, name)) = list_id.and_then(|id| account.list(id)).map(|list| (list.id, list.name.clone())) {
        let contacts = account.contacts(list);
        let contact = contacts.by_email(&recipient);
        let status = contact.map(|contact| contact.status);
        let attributes = contact.map(|contact| contact.attributes.clone()).unwrap_or_default();
        email.attributes = attributes.into_iter().chain([("LISTNAME".into(), name)]).collect();
        if email.is_marketing && status == Some(ContactStatus::Unsubscribed) {
            rejections.push("The recipient has unsubscribed from the list".into());
        }
        if status.is_none() && rejections.is_empty() && contacts.len() < max_listed {
            contacts.insert(Contact::new(call.ids.next(), &recipient, call.now));
        }
    }
    email.text = message::search_text(&email);
    let steps = if rejections.is_empty() { call.rules.steps(&email) } else { lifecycle::REJECTED.into() };
    let id = email.id;
    let number = account.emails.submit(email, &steps, rejections.first().map(String::as_str));
    account.advance_to(call.now);
    let status = match account.emails.get(number).map(Email::status) {
        Some(status @ (EventKind::Rejected | EventKind::Error)) => status,
        _ => EventKind::Queued,
    };
    let mut response = ApiResponse::created(json!({
        "email": recipient,
        "object": "email",
        "submitted": true,
        "data": {"id": id, "status": status.as_str()},
    }));
    response.accepted = Some(id);
    Ok(if status == EventKind::Queued { response.documented() } else { response.assumed() })
}

/// The recipient, and the list that manages it.
fn recipient_and_list(call: &Call<'_>, account: &Account) -> Result<(String, Option<i64>), ApiResponse> {
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
        return Err(ApiResponse::bad_request(&["body", "list_id"], msg).documented());
    }
    if let Some(id) = list_id {
        usable_list(call, account, id)?;
    }
    let mut recipient = body.text("email").map(str::to_owned);
    let mut managing_list = list_id;
    if let Some(id) = contact_id {
        let found = account.contact(id).filter(|(list, _)| list_id.is_none_or(|id| *list == id));
        let Some((list, email)) = found else {
            return Err(ApiResponse::bad_request(&["body", "contact_id"], format!("Contact {id} not found")).assumed());
        };
        usable_list(call, account, list)?;
        recipient.get_or_insert_with(|| email.into());
        managing_list = Some(list);
    }
    Ok((recipient.unwrap_or_default(), managing_list))
}

fn usable_list(call: &Call<'_>, account: &Account, id: i64) -> Result<(), ApiResponse> {
    let refused = |msg| ApiResponse::bad_request(&["body", "list_id"], msg);
    let list = account.list(id).ok_or_else(|| {
        let msg = format!(
            "List {id} not found: use GET /lists to retrieve available lists, and verify that it was not deleted"
        );
        refused(msg).documented()
    })?;
    if list.status == ListStatus::Archived {
        return Err(refused(format!("List {id} is archived")).assumed());
    }
    if call.profile.policy_required && !list.policy_accepted {
        return Err(refused(format!("The policy of list {id} must be accepted first")).assumed());
    }
    Ok(())
}

/// The sender. Each reason against it is refused or added to `rejections`, as the profile says.
fn usable_sender<'a>(
    call: &Call<'_>,
    account: &'a Account,
    rejections: &mut Vec<String>,
) -> Result<&'a Sender, ApiResponse> {
    let loc = &["body", "sender", "id"];
    let id = call.body().object("sender").and_then(|it| it.text("id")).unwrap_or_default();
    let Some(sender) = account.sender(id) else {
        let msg = format!("Invalid sender: sender {id} not found; use GET /brands/default/senders to see the senders");
        return Err(ApiResponse::bad_request(loc, msg).documented());
    };
    if sender.confirmed.is_none() {
        let msg = format!(
            "Invalid sender: sender {id} is not confirmed; click the link in its confirmation email, or ask for another \
             with POST /brands/default/senders/{id}/resend-confirmation-email"
        );
        refuse_or_reject(call.profile.unconfirmed_sender, loc, msg, rejections)?;
    }
    if !account.domains.valid {
        let msg = "Invalid sender: its domain must be authenticated with SPF/DKIM records; \
                   see GET /brands/default/domains/default/validate";
        refuse_or_reject(call.profile.unauthenticated_domain, loc, msg.into(), rejections)?;
    }
    Ok(sender)
}

fn refuse_or_reject(
    verdict: Verdict,
    loc: &[&str],
    msg: String,
    rejections: &mut Vec<String>,
) -> Result<(), ApiResponse> {
    match verdict {
        Verdict::Refused => Err(ApiResponse::bad_request(loc, msg).documented()),
        Verdict::Rejected => {
            rejections.push(msg);
            Ok(())
        }
    }
}

fn show(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let email = find(call, account)?;
    let submission = email.submission();
    let content = compact(json!({
        "subject": email.subject,
        "template_id": submission.content("template").map(|it| &it["id"]),
        "custom_attributes": submission.content("custom_attributes").map(pairs),
        "type": submission.content("type"),
    }));
    Ok(ApiResponse::ok(compact(json!({
        "email_id": email.id,
        "status": email.status().as_str(),
        "email": email.recipient,
        "provider": email.provider(),
        "submitted_time": email.submitted.seconds(),
        "unsubscribed": email.has(EventKind::Unsubscribe),
        "global_unsubscribed": false,
        "soft_bounced": email.has(EventKind::SoftBounce),
        "hard_bounced": email.has(EventKind::HardBounce),
        "reported_as_spam": email.has(EventKind::Spam),
        "open": email.count(EventKind::Open),
        "click": email.count(EventKind::Click),
        "list_id": email.list_id,
        "tags": email.tags().collect::<Vec<_>>(),
        "sender": email.sender,
        "content": content,
        "tracking": {
            "opens": submission.tracks("opens"),
            "clicks_html": submission.tracks("clicks_html"),
            "clicks_text": submission.tracks("clicks_text"),
        },
        "additional_headers": submission.field("additional_headers").map(pairs),
    })))
    .documented())
}

/// The names and values of a list, without other fields of its items.
fn pairs(list: &Value) -> Value {
    let items = list.as_array().into_iter().flatten();
    items.map(|it| compact(json!({"name": it["name"], "value": it["value"]}))).collect()
}

fn render(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let email = find(call, account)?;
    let page = match (call.query().flag("as_submitted"), call.query().flag("tracking")) {
        (true, _) => Message::as_submitted(email, call.base).page(),
        (false, true) => Message::of(email, call.base).tracked_page(),
        (false, false) => Message::of(email, call.base).page(),
    };
    Ok(ApiResponse::html(page).assumed())
}

fn find<'a>(call: &Call<'_>, account: &'a Account) -> Result<&'a Email, ApiResponse> {
    let id = call.path_text("email_id");
    account.email(id).ok_or_else(|| call.missing("Email", id))
}
