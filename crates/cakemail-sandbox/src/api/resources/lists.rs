//! Lists of contacts.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::{Call, check_room};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::index::Key;
use crate::domain::{Account, Fields, List, ListStatus};

pub(super) const OPERATIONS: super::Table = &[
    ("listLists", Handler::Authenticated(list)),
    ("createList", Handler::Authenticated(create)),
    ("getList", Handler::Authenticated(get)),
    ("patchList", Handler::Authenticated(patch)),
    ("deleteList", Handler::Authenticated(delete)),
    ("archiveList", Handler::Authenticated(archive)),
    ("acceptListPolicy", Handler::Authenticated(accept_policy)),
];

fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let lists = &account.lists;
    let mut existing = lists.numbers() - lists.select("status", ListStatus::Deleted.as_str());
    call.filter("filter", lists, &mut existing)?;
    Ok(call.listed(lists, &existing, summary)?.documented())
}

fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    check_room(account.lists.len())?;
    let name = call.body().text("name").unwrap_or_default().to_owned();
    let (sender_name, sender_email) = default_sender(call, account)?.unwrap_or_default();
    let mut list = List::new(call.ids.next(), &name, call.now, (&sender_name, &sender_email));
    set_fields(call, &mut list);
    let response = ApiResponse::created(json!({"id": list.id, "created": true, "data": to_json(&list)}));
    account.lists.push(list);
    Ok(response)
}

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    Ok(ApiResponse::ok(json!({"data": to_json(find(call, account)?)})))
}

fn patch(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let sender = default_sender(call, account)?;
    let list = change(call, account, |list| {
        if let Some(sender) = sender {
            list.default_sender = sender;
        }
        set_fields(call, list);
    })?;
    Ok(ApiResponse::ok(json!({"id": list.id, "updated": true, "data": to_json(list)})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let list = change(call, account, |list| list.status = ListStatus::Deleted)?;
    Ok(ApiResponse::ok(json!({"id": list.id, "object": "list", "deleted": true})))
}

fn archive(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let list = change(call, account, |list| list.status = ListStatus::Archived)?;
    Ok(ApiResponse::ok(json!({"id": list.id, "object": "list", "archived": true})))
}

fn accept_policy(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let list = change(call, account, |list| list.policy_accepted = true)?;
    Ok(ApiResponse::ok(json!({"id": list.id, "object": "list", "policy_accepted": true})))
}

/// The list in the path.
pub(super) fn find<'a>(call: &Call<'_>, account: &'a Account) -> Result<&'a List, ApiResponse> {
    let id = call.path_number("list_id");
    account.list(id).ok_or_else(|| call.missing("List", id))
}

/// Changes the list in the path.
fn change<'a>(
    call: &Call<'_>,
    account: &'a mut Account,
    change: impl FnOnce(&mut List),
) -> Result<&'a List, ApiResponse> {
    let id = find(call, account)?.id;
    account.lists.change_row("id", Key::Number(id), change).ok_or_else(|| call.missing("List", id))
}

fn default_sender(call: &Call<'_>, account: &Account) -> Result<Option<(String, String)>, ApiResponse> {
    let Some(id) = call.body().object("default_sender").and_then(|sender| sender.text("id")) else { return Ok(None) };
    let sender = account.sender(id).ok_or_else(|| {
        let msg = format!("Sender {id} not found: use GET /brands/default/senders to see the account's senders");
        ApiResponse::bad_request(&["body", "default_sender", "id"], msg)
    })?;
    Ok(Some((sender.name.clone(), sender.email.clone())))
}

/// Sets the fields of the body. A `null` clears a field that may be empty.
fn set_fields(call: &Call<'_>, list: &mut List) {
    let body = call.body();
    if let Some(name) = body.text("name") {
        list.name = name.into();
    }
    if let Some(language) = body.text("language") {
        list.language = language.into();
    }
    if body.contains_key("redirections") {
        list.redirections = body.object("redirections").cloned().unwrap_or_default();
    }
    if body.contains_key("webhook") {
        list.webhook = body.object("webhook").cloned().unwrap_or_default();
    }
}

fn summary(list: &List) -> Value {
    json!({
        "id": list.id,
        "name": list.name,
        "status": list.status.as_str(),
        "language": list.language,
        "created_on": list.created.seconds(),
        "default_sender": {"name": list.default_sender.0, "email": list.default_sender.1},
    })
}

fn to_json(list: &List) -> Value {
    let mut to_json = summary(list);
    to_json["policy_accepted"] = list.policy_accepted.into();
    to_json["redirections"] = known(&list.redirections, &["after_opt_in", "after_double_opt_in", "after_opt_out"]);
    to_json["pages"] = json!({});
    to_json["webhook"] = known(&list.webhook, &["url", "actions"]);
    to_json
}

/// Selects the fields that the API has.
fn known(fields: &serde_json::Map<String, Value>, names: &[&str]) -> Value {
    names.iter().filter_map(|name| Some(((*name).to_owned(), fields.field(name)?.clone()))).collect()
}
