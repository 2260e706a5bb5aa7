//! DKIM keys.

use cakemail_model::base64;
use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::{Account, DkimKey, Fields};

pub(super) const OPERATIONS: super::Table = &[
    ("list_dkim_keys_brands_default_dkim_get", Handler::Authenticated(list)),
    ("create_dkim_key_brands_default_dkim_post", Handler::Authenticated(create)),
    ("get_dkim_key_brands_default_dkim__id__get", Handler::Authenticated(get)),
    ("delete_dkim_key_brands_default_dkim__id__delete", Handler::Authenticated(delete)),
];

fn list(_: &Call<'_>, account: &mut Account) -> HandlerResult {
    let rows: Vec<_> = account.dkim_keys.iter().enumerate().map(|(place, key)| full(place, key)).collect();
    Ok(ApiResponse::ok(json!({"data": rows})))
}

/// The key is a placeholder: the sandbox signs nothing.
fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
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
    let place = find(call, account)?;
    Ok(ApiResponse::ok(json!({"data": full(place, &account.dkim_keys[place])})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let place = find(call, account)?;
    let key = account.dkim_keys.remove(place);
    Ok(ApiResponse::ok(json!({"object": "dkim", "deleted": true, "data": summary(&key)})))
}

fn find(call: &Call<'_>, account: &Account) -> Result<usize, ApiResponse> {
    let id = call.path_number("id");
    account.dkim_keys.iter().position(|it| it.id == id).ok_or_else(|| call.missing("DKIM key", id))
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
fn full(place: usize, key: &DkimKey) -> Value {
    let mut full = summary(key);
    full["account_default"] = (place == 0).into();
    full
}
