//! The user that is signed in.

use serde_json::json;

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::Account;

pub(super) const OPERATIONS: super::Table = &[("getSelfUser", Handler::Authenticated(get))];

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    Ok(ApiResponse::ok(json!({"data": {
        "id": account.user_id.to_string(),
        "email": account.email,
        "status": "active",
        "created_on": account.created.seconds(),
        "last_activity_on": call.now.seconds(),
        "language": "en_US",
        "timezone": "UTC",
    }})))
}
