//! The account itself.

use serde_json::json;

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::Account;

pub(super) const OPERATIONS: super::Table = &[("getSelfAccount", Handler::Authenticated(get))];

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    Ok(ApiResponse::ok(json!({"data": {
        "id": account.id.to_string(),
        "lineage": account.id.to_string(),
        "status": "active",
        "name": "Sandbox",
        "address": {},
        "account_owner": {"user_id": account.user_id.to_string()},
        "logo": "",
        "usage_limits": {"use_email_api": true},
        "last_activity_on": call.now.seconds(),
        "created_on": account.created.seconds(),
        "partner": false,
        "organization": false,
        "overrides": {"bypass_recaptcha": false, "inject_address": false, "inject_unsubscribe_link": false},
    }})))
}
