//! The contacts of a list.

use serde_json::{Value, json};

use super::{Call, Fields, Handler, lists};
use crate::api::response::{Answer, Outcome};
use crate::domain::{Account, Contact, Standing};

pub(super) const OPERATIONS: super::Table = &[
    ("listContactsOfList", Handler::Signed(list)),
    ("createContact", Handler::Signed(create)),
    ("getContact", Handler::Signed(get)),
    ("patchContact", Handler::Signed(patch)),
    ("deleteContact", Handler::Signed(delete)),
    ("unsubscribeContact", Handler::Signed(unsubscribe)),
    ("tagContact", Handler::Signed(tag)),
    ("untagContact", Handler::Signed(untag)),
];

/// Pages by number, or by the cursor of an earlier page, which stands for a place in the sorted rows.
fn list(call: &Call<'_>, account: &mut Account) -> Outcome {
    let mut rows: Vec<_> = lists::find(call, account)?.contacts.iter().map(shown).collect();
    if call.query().text("json").is_some() {
        let msg = "The sandbox does not know the language of `json`: use `filter` or `query`";
        return Err(Answer::bad_request(&["query", "json"], msg).assumed());
    }
    if let Some(wanted) = call.query().text("query") {
        let wanted = wanted.to_lowercase();
        rows.retain(|row| row["email"].as_str().is_some_and(|email| email.to_lowercase().contains(&wanted)));
    }
    call.filter("filter", &mut rows)?;
    call.filter("fiql", &mut rows)?;
    call.sorted(&mut rows)?;
    turned(call, rows)
}

/// The page that a cursor or a number asks for, with the cursors to its neighbours.
fn turned(call: &Call<'_>, rows: Vec<Value>) -> Outcome {
    let page = match call.query().text("cursor") {
        Some(cursor) => cursor.strip_prefix("page-").and_then(|page| page.parse().ok()).filter(|page| *page > 0),
        None => Some(call.page()),
    };
    let Some(page) = page else {
        return Err(Answer::bad_request(&["query", "cursor"], "This cursor is not from an earlier page").assumed());
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
    Ok(Answer::ok(json!({"pagination": pagination, "data": call.cut(page, rows)})))
}

/// An address that is there already is changed, and subscribed again unless told otherwise.
fn create(call: &Call<'_>, account: &mut Account) -> Outcome {
    let email = call.body().text("email").unwrap_or_default().to_owned();
    let opt_in = call.query().text("send_double_opt_in").unwrap_or("false").to_owned();
    let id = call.ids.next();
    let list = lists::find(call, account)?;
    let created = list.contacts.by_email(&email).is_none();
    if created {
        let mut contact = Contact::new(id, &email, call.now);
        if matches!(opt_in.as_str(), "true" | "new") {
            contact.status = Standing::NotActive;
        }
        list.contacts.insert(contact);
    }
    let Some(contact) = list.contacts.by_email(&email) else { return Err(call.missing("Contact", id)) };
    if !created && contact.status != Standing::Active && call.query().flag("resubscribe") {
        let confirm = matches!(opt_in.as_str(), "true" | "not_active");
        contact.status = if confirm { Standing::NotActive } else { Standing::Active };
        contact.subscribed = call.now;
    }
    set_attributes(call, contact);
    let body = json!({"id": contact.id, "object": "contact", "created": created, "data": shown(contact)});
    Ok(Answer::created(body))
}

fn get(call: &Call<'_>, account: &mut Account) -> Outcome {
    Ok(Answer::ok(json!({"data": shown(find(call, account)?)})))
}

/// A `null` clears what can be empty.
fn patch(call: &Call<'_>, account: &mut Account) -> Outcome {
    let mut contact = find(call, account)?.clone();
    let contacts = &mut lists::find(call, account)?.contacts;
    if let Some(email) = call.body().text("email") {
        if contacts.by_email(email).is_some_and(|other| other.id != contact.id) {
            let msg = "Another contact of this list has this address";
            return Err(Answer::bad_request(&["body", "email"], msg).assumed());
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
    Ok(Answer::ok(json!({"id": contact.id, "object": "contact", "updated": true, "data": shown(&contact)})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> Outcome {
    let id = find(call, account)?.id;
    lists::find(call, account)?.contacts.remove(id);
    Ok(Answer::ok(json!({"id": id, "object": "contact", "deleted": true})))
}

fn unsubscribe(call: &Call<'_>, account: &mut Account) -> Outcome {
    let contact = find(call, account)?;
    contact.status = Standing::Unsubscribed;
    Ok(Answer::ok(json!({"object": "contact", "subscribed": false, "data": shown(contact)})))
}

fn tag(call: &Call<'_>, account: &mut Account) -> Outcome {
    let contact = find(call, account)?;
    for tag in call.body().texts("tags").unwrap_or_default() {
        if !contact.tags.contains(&tag) {
            contact.tags.push(tag);
        }
    }
    Ok(Answer::ok(json!({"tagged": true})))
}

fn untag(call: &Call<'_>, account: &mut Account) -> Outcome {
    let tags = call.body().texts("tags").unwrap_or_default();
    find(call, account)?.tags.retain(|tag| !tags.contains(tag));
    Ok(Answer::ok(json!({"untagged": true})))
}

fn find<'a>(call: &Call<'_>, account: &'a mut Account) -> Result<&'a mut Contact, Answer> {
    let id = call.number("contact_id");
    lists::find(call, account)?.contacts.get(id).ok_or_else(|| call.missing("Contact", id))
}

fn set_attributes(call: &Call<'_>, contact: &mut Contact) {
    for attribute in call.body().list("custom_attributes").into_iter().flatten().filter_map(Value::as_object) {
        contact.set_attribute(attribute.text("name").unwrap_or_default(), attribute.text("value").unwrap_or_default());
    }
}

fn shown(contact: &Contact) -> Value {
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
