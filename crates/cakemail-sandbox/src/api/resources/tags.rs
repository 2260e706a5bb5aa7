//! The tags of emails. A tag exists as soon as an email has it.

use std::collections::BTreeSet;

use super::Handler;
use crate::api::call::Call;
use crate::api::response::HandlerResult;
use crate::api::window::Window;
use crate::domain::{Account, Fields};

pub(super) const OPERATIONS: super::Table = &[("listEmailTags", Handler::Authenticated(list))];

/// Unlike logs, tags are not limited to seven days by default.
fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let window = Window::since(call, call.query().integer("start_time").or(Some(i64::MIN)))?;
    let name = call.query().text("name").unwrap_or_default();
    let emails = account.emails.iter().filter(|email| window.includes(email.submitted) && window.matches(email));
    let tags: BTreeSet<&str> = emails.flat_map(|email| email.tags()).filter(|tag| tag.contains(name)).collect();
    call.paged(tags.into_iter().map(Into::into).collect())
}
