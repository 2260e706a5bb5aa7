//! The contacts of a list.

use serde_json::{Value, json};

use super::{Handler, lists};
use crate::api::call::{Call, check_room, count};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::index::{Numbers, Table};
use crate::domain::{Account, Contact, ContactStatus, Contacts, Fields};

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

/// Pages by number, or by a cursor from an earlier page, which is the number of a page.
fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    if call.query().text("json").is_some() {
        let msg = "The sandbox does not know the language of `json`: use `filter` or `query`";
        return Err(ApiResponse::bad_request(&["query", "json"], msg).assumed());
    }
    let contacts = of_list(call, account)?;
    let mut selection = match call.query().text("query") {
        Some(query) => contacts.containing(query),
        None => contacts.table().numbers().clone(),
    };
    call.filter("filter", contacts.table(), &mut selection)?;
    call.filter("fiql", contacts.table(), &mut selection)?;
    page_by_cursor(call, contacts.table(), &selection)
}

/// The page of a cursor or a number, with the cursors of its neighbours.
fn page_by_cursor(call: &Call<'_>, contacts: &Table<Contact>, selection: &Numbers) -> HandlerResult {
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
    let count = count(selection);
    if count > page.saturating_mul(call.per_page()) {
        cursor["next"] = format!("page-{}", page + 1).into();
    }
    let mut pagination = call.pagination(page, count);
    pagination["cursor"] = cursor;
    let rows = call.page_of(page, contacts, selection)?.into_iter().map(|row| to_json(row));
    Ok(ApiResponse::listing(&json!({"pagination": pagination}), rows))
}

/// Changes an existing address, and subscribes it again unless the request says otherwise.
fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let email = call.body().text("email").unwrap_or_default().to_owned();
    let opt_in = call.query().text("send_double_opt_in").unwrap_or("false").to_owned();
    let id = call.ids.next();
    let contacts = of_list(call, account)?;
    let existing = contacts.by_email(&email).map(|contact| contact.id);
    let response = |contact: &Contact| {
        let created = existing.is_none();
        let body = json!({"id": contact.id, "object": "contact", "created": created, "data": to_json(contact)});
        ApiResponse::created(body)
    };
    let Some(existing) = existing else {
        check_room(contacts.len())?;
        let mut contact = Contact::new(id, &email, call.now);
        if matches!(opt_in.as_str(), "true" | "new") {
            contact.status = ContactStatus::NotActive;
        }
        set_attributes(call, &mut contact);
        let response = response(&contact);
        contacts.insert(contact);
        return Ok(response);
    };
    let changed = contacts.change(existing, |contact| {
        if contact.status != ContactStatus::Active && call.query().flag("resubscribe") {
            let confirm = matches!(opt_in.as_str(), "true" | "not_active");
            contact.status = if confirm { ContactStatus::NotActive } else { ContactStatus::Active };
            contact.subscribed = call.now;
        }
        set_attributes(call, contact);
    });
    changed.map(response).ok_or_else(|| call.missing("Contact", existing))
}

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let contacts = of_list(call, account)?;
    Ok(ApiResponse::ok(json!({"data": to_json(find(call, contacts)?)})))
}

/// A `null` clears a field that may be empty.
fn patch(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let contacts = of_list(call, account)?;
    let mut contact = find(call, contacts)?.clone();
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
    let contact = change(call, contacts, |old| *old = contact)?;
    Ok(ApiResponse::ok(json!({"id": contact.id, "object": "contact", "updated": true, "data": to_json(contact)})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let contacts = of_list(call, account)?;
    let id = find(call, contacts)?.id;
    contacts.remove(id);
    Ok(ApiResponse::ok(json!({"id": id, "object": "contact", "deleted": true})))
}

fn unsubscribe(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let contacts = of_list(call, account)?;
    let contact = change(call, contacts, |contact| contact.status = ContactStatus::Unsubscribed)?;
    Ok(ApiResponse::ok(json!({"object": "contact", "subscribed": false, "data": to_json(contact)})))
}

fn tag(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let contacts = of_list(call, account)?;
    change(call, contacts, |contact| {
        for tag in call.body().texts("tags").unwrap_or_default() {
            if !contact.tags.contains(&tag) {
                contact.tags.push(tag);
            }
        }
    })?;
    Ok(ApiResponse::ok(json!({"tagged": true})))
}

fn untag(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let tags = call.body().texts("tags").unwrap_or_default();
    let contacts = of_list(call, account)?;
    change(call, contacts, |contact| contact.tags.retain(|tag| !tags.contains(tag)))?;
    Ok(ApiResponse::ok(json!({"untagged": true})))
}

/// The contacts of the list in the path.
fn of_list<'a>(call: &Call<'_>, account: &'a mut Account) -> Result<&'a mut Contacts, ApiResponse> {
    let list = lists::find(call, account)?.id;
    Ok(account.contacts(list))
}

/// The contact in the path.
fn find<'a>(call: &Call<'_>, contacts: &'a Contacts) -> Result<&'a Contact, ApiResponse> {
    let id = call.path_number("contact_id");
    contacts.get(id).ok_or_else(|| call.missing("Contact", id))
}

/// Changes the contact in the path.
fn change<'a>(
    call: &Call<'_>,
    contacts: &'a mut Contacts,
    change: impl FnOnce(&mut Contact),
) -> Result<&'a Contact, ApiResponse> {
    let id = call.path_number("contact_id");
    contacts.change(id, change).ok_or_else(|| call.missing("Contact", id))
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
        "status": contact.status.as_str(),
        "subscribed_on": contact.subscribed.seconds(),
        "last_bounce_type": contact.last_bounce.as_str(),
        "bounces_count": contact.bounces,
        "custom_attributes": attributes.collect::<Vec<_>>(),
        "tags": contact.tags,
        "interests": contact.interests,
    })
}
