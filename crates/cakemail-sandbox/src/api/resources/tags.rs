//! The tags of emails. A tag exists as soon as an email has it.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::api::window::Window;
use crate::domain::{Account, Fields};

pub(super) const OPERATIONS: super::Table = &[("listEmailTags", Handler::Authenticated(list))];

/// Unlike logs, tags are not limited to seven days by default.
fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let window = Window::since(call, call.query().integer("start_time").or(Some(i64::MIN)))?;
    let name = call.query().text("name").unwrap_or_default();
    let emails = window.emails(&account.emails);
    let tags = account.emails.index().tags.keys_in(&emails).filter(|tag| tag.contains(name));
    let tags: Vec<&str> = tags.map(|tag| &**tag).collect();
    let (page, per_page) = (call.page(), call.per_page());
    let skip = page.saturating_sub(1).saturating_mul(per_page);
    let data: Vec<Value> = tags.iter().skip(skip).take(per_page).map(|tag| json!(tag)).collect();
    Ok(ApiResponse::ok(json!({"pagination": call.pagination(page, tags.len()), "data": data})))
}
