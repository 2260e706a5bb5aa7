//! The contacts of a list.

use serde_json::{Value, json};

use super::{Handler, lists};
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::{Account, Contact, ContactStatus, Fields};

pub(super) const OPERATIONS: super::Table = &[
    ("listContactsOfList", Handler::Authenticated(list)),
    ("createContact", Handler::Authenticated(create)),
    ("getContact", Handler::Authenticated(get)),
    ("patchContact", Handler::Authenticated(patch)),
    ("deleteContact", Handler::Authenticated(delete)),
    ("unsubscribeContact", Handler::Authenticated(unsubscribe)),
    ("tagContact", Handler::Authenticated(tag)),
    ("untagContact", Handler::Authenticated(untag)),
];

/// Pages by number, or by a cursor from an earlier page, which is an index in the sorted rows.
fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let mut rows: Vec<_> = lists::find(call, account)?.contacts.iter().map(to_json).collect();
    if call.query().text("json").is_some() {
        let msg = "The sandbox does not know the language of `json`: use `filter` or `query`";
        return Err(ApiResponse::bad_request(&["query", "json"], msg).assumed());
    }
    if let Some(query) = call.query().text("query") {
        let query = query.to_lowercase();
        rows.retain(|row| row["email"].as_str().is_some_and(|email| email.to_lowercase().contains(&query)));
    }
    call.filter("filter", &mut rows)?;
    call.filter("fiql", &mut rows)?;
    call.sorted(&mut rows)?;
    page_by_cursor(call, rows)
}

/// The page of a cursor or a number, with the cursors of its neighbours.
fn page_by_cursor(call: &Call<'_>, rows: Vec<Value>) -> HandlerResult {
    let page = match call.query().text("cursor") {
        Some(cursor) => cursor.strip_prefix("page-").and_then(|page| page.parse().ok()).filter(|page| *page > 0),
        None => Some(call.page()),
    };
    let Some(page) = page else {
        return Err(ApiResponse::bad_request(&["query", "cursor"], "This cursor is not from an earlier page").assumed());
    };
    let mut cursor = json!({});
    if page > 1 {
        cursor["previous"] = format!("page-{}", page - 1).into();
    }
    if rows.len() > page.saturating_mul(call.per_page()) {
        cursor["next"] = format!("page-{}", page + 1).into();
    }
    let mut pagination = call.pagination(page, rows.len());
    pagination["cursor"] = cursor;
    Ok(ApiResponse::ok(json!({"pagination": pagination, "data": call.rows_of_page(page, rows)})))
}

/// Changes an existing address, and subscribes it again unless the request says otherwise.
fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let email = call.body().text("email").unwrap_or_default().to_owned();
    let opt_in = call.query().text("send_double_opt_in").unwrap_or("false").to_owned();
    let id = call.ids.next();
    let list = lists::find(call, account)?;
    let created = list.contacts.by_email(&email).is_none();
    if created {
        let mut contact = Contact::new(id, &email, call.now);
        if matches!(opt_in.as_str(), "true" | "new") {
            contact.status = ContactStatus::NotActive;
        }
        list.contacts.insert(contact);
    }
    let Some(contact) = list.contacts.by_email(&email) else { return Err(call.missing("Contact", id)) };
    if !created && contact.status != ContactStatus::Active && call.query().flag("resubscribe") {
        let confirm = matches!(opt_in.as_str(), "true" | "not_active");
        contact.status = if confirm { ContactStatus::NotActive } else { ContactStatus::Active };
        contact.subscribed = call.now;
    }
    set_attributes(call, contact);
    let body = json!({"id": contact.id, "object": "contact", "created": created, "data": to_json(contact)});
    Ok(ApiResponse::created(body))
}

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    Ok(ApiResponse::ok(json!({"data": to_json(find(call, account)?)})))
}

/// A `null` clears a field that may be empty.
fn patch(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let mut contact = find(call, account)?.clone();
    let contacts = &mut lists::find(call, account)?.contacts;
    if let Some(email) = call.body().text("email") {
        if contacts.by_email(email).is_some_and(|other| other.id != contact.id) {
            let msg = "Another contact of this list has this address";
            return Err(ApiResponse::bad_request(&["body", "email"], msg).assumed());
        }
        contact.email = email.into();
    }
    if call.body().contains_key("interests") {
        contact.interests = call.body().texts("interests").unwrap_or_default();
    }
    if call.body().contains_key("tags") {
        contact.tags = call.body().texts("tags").unwrap_or_default();
    }
    set_attributes(call, &mut contact);
    contacts.remove(contact.id);
    contacts.insert(contact.clone());
    Ok(ApiResponse::ok(json!({"id": contact.id, "object": "contact", "updated": true, "data": to_json(&contact)})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let id = find(call, account)?.id;
    lists::find(call, account)?.contacts.remove(id);
    Ok(ApiResponse::ok(json!({"id": id, "object": "contact", "deleted": true})))
}

fn unsubscribe(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let contact = find(call, account)?;
    contact.status = ContactStatus::Unsubscribed;
    Ok(ApiResponse::ok(json!({"object": "contact", "subscribed": false, "data": to_json(contact)})))
}

fn tag(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let contact = find(call, account)?;
    for tag in call.body().texts("tags").unwrap_or_default() {
        if !contact.tags.contains(&tag) {
            contact.tags.push(tag);
        }
    }
    Ok(ApiResponse::ok(json!({"tagged": true})))
}

fn untag(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let tags = call.body().texts("tags").unwrap_or_default();
    find(call, account)?.tags.retain(|tag| !tags.contains(tag));
    Ok(ApiResponse::ok(json!({"untagged": true})))
}

fn find<'a>(call: &Call<'_>, account: &'a mut Account) -> Result<&'a mut Contact, ApiResponse> {
    let id = call.path_number("contact_id");
    lists::find(call, account)?.contacts.get(id).ok_or_else(|| call.missing("Contact", id))
}

fn set_attributes(call: &Call<'_>, contact: &mut Contact) {
    for attribute in call.body().list("custom_attributes").into_iter().flatten().filter_map(Value::as_object) {
        contact.set_attribute(attribute.text("name").unwrap_or_default(), attribute.text("value").unwrap_or_default());
    }
}

fn to_json(contact: &Contact) -> Value {
    let attributes = contact.attributes.iter().map(|(name, value)| json!({"name": name, "value": value}));
    json!({
        "id": contact.id,
        "email": contact.email,
        "status": contact.status,
        "subscribed_on": contact.subscribed.seconds(),
        "last_bounce_type": contact.last_bounce,
        "bounces_count": contact.bounces,
        "custom_attributes": attributes.collect::<Vec<_>>(),
        "tags": contact.tags,
        "interests": contact.interests,
    })
}
