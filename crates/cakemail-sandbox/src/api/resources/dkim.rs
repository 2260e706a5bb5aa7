//! DKIM keys.

use cakemail_model::base64;
use serde_json::{Value, json};

use super::Handler;
use crate::api::call::{Call, check_room};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::index::Key;
use crate::domain::{Account, DkimKey, Fields};

pub(super) const OPERATIONS: super::Table = &[
    ("list_dkim_keys_brands_default_dkim_get", Handler::Authenticated(list)),
    ("create_dkim_key_brands_default_dkim_post", Handler::Authenticated(create)),
    ("get_dkim_key_brands_default_dkim__id__get", Handler::Authenticated(get)),
    ("delete_dkim_key_brands_default_dkim__id__delete", Handler::Authenticated(delete)),
];

fn list(_: &Call<'_>, account: &mut Account) -> HandlerResult {
    let rows: Vec<_> = account.dkim_keys.iter().map(|key| full(account, key)).collect();
    Ok(ApiResponse::ok(json!({"data": rows})))
}

/// The key is a placeholder: the sandbox signs nothing.
fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    check_room(account.dkim_keys.len())?;
    let key = DkimKey {
        id: call.ids.next(),
        selector: call.body().text("selector").unwrap_or("cakemail").into(),
        domain: call.body().text("domain").unwrap_or_default().into(),
        public_key: base64::encode(format!("{}{}", call.ids.secret(), call.ids.secret())),
    };
    let response = ApiResponse::created(json!({"object": "dkim", "created": true, "data": summary(&key)}));
    account.dkim_keys.push(key);
    Ok(response)
}

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let id = call.path_number("id");
    let key = account.dkim_keys.row("id", Key::Number(id)).ok_or_else(|| call.missing("DKIM key", id))?;
    Ok(ApiResponse::ok(json!({"data": full(account, key)})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let id = call.path_number("id");
    let key = account.dkim_keys.remove_row("id", Key::Number(id)).ok_or_else(|| call.missing("DKIM key", id))?;
    Ok(ApiResponse::ok(json!({"object": "dkim", "deleted": true, "data": summary(&key)})))
}

fn summary(key: &DkimKey) -> Value {
    json!({
        "id": key.id,
        "status": "active",
        "selector": key.selector,
        "domain": key.domain,
        "public_key": key.public_key,
    })
}

/// The oldest key is the account's default.
fn full(account: &Account, key: &DkimKey) -> Value {
    let mut full = summary(key);
    full["account_default"] = account.dkim_keys.iter().next().is_some_and(|oldest| oldest.id == key.id).into();
    full
}
