//! The user that is signed in.

use serde_json::json;

use super::{Call, Handler};
use crate::api::response::{Answer, Outcome};
use crate::domain::Account;

pub(super) const OPERATIONS: super::Table = &[("getSelfUser", Handler::Signed(get))];

fn get(call: &Call<'_>, account: &mut Account) -> Outcome {
    Ok(Answer::ok(json!({"data": {
        "id": account.user_id.to_string(),
        "email": account.email,
        "status": "active",
        "created_on": account.created.seconds(),
        "last_activity_on": call.now.seconds(),
        "language": "en_US",
        "timezone": "UTC",
    }})))
}
