//! Suppressed addresses, to which no email is sent.

use serde_json::json;

use super::Handler;
use crate::api::call::{Call, check_room};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::{Account, Fields, Source};

pub(super) const OPERATIONS: super::Table = &[
    ("listSuppressedEmails", Handler::Authenticated(list)),
    ("createSuppressedEmail", Handler::Authenticated(create)),
    ("deleteSuppressedEmail", Handler::Authenticated(delete)),
];

fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let entries = account.suppressions.table();
    let mut selection = entries.numbers().clone();
    call.filter("filter", entries, &mut selection)?;
    call.listed(entries, &selection, |entry| json!({"email": entry.pattern.as_str(), "source": entry.source.as_str()}))
}

fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    check_room(account.suppressions.table().len())?;
    let email = call.body().text("email").unwrap_or_default();
    account.suppressions.add(email, Source::User);
    Ok(ApiResponse::created(json!({"email": email, "created": true})))
}

fn delete(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let email = call.path_text("email");
    match account.suppressions.get(email).map(|entry| entry.source) {
        Some(Source::User) => account.suppressions.remove(email),
        Some(source) => {
            let msg = format!("{email} was suppressed by a {} entry, which cannot be removed", source.as_str());
            return Err(ApiResponse::bad_request(&["path", "email"], msg).documented());
        }
        None => return Err(call.missing("Suppressed email", email)),
    };
    Ok(ApiResponse::ok(json!({"email": email, "deleted": true})))
}
