//! The webhooks of an account. The dispatcher delivers events to them.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::{Account, Fields, Time, Webhook, compact};

pub(super) const OPERATIONS: super::Table = &[
    ("listWebhooks", Handler::Authenticated(list)),
    ("createWebhook", Handler::Authenticated(create)),
    ("getWebhook", Handler::Authenticated(get)),
    ("patchWebhook", Handler::Authenticated(patch)),
    ("archiveWebhook", Handler::Authenticated(archive)),
    ("unarchiveWebhook", Handler::Authenticated(unarchive)),
];

fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let archived_too = call.query().flag("with_archived");
    let listed = account.webhooks.iter().filter(|it| archived_too || it.archived.is_none());
    call.paged(listed.map(to_json).collect())
}

fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let body = call.body();
    let webhook = Webhook {
        id: call.ids.uuid().to_string(),
        event: body.text("event").unwrap_or_default().into(),
        url: body.text("url").unwrap_or_default().into(),
        rate_limit: body.integer("rate_limit").unwrap_or(50),
        rate_limit_period: body.text("rate_limit_period").unwrap_or("second").into(),
        key: call.ids.secret(),
        archived: None,
    };
    let response = ApiResponse::created(json!({"id": webhook.id, "data": to_json(&webhook)}));
    account.webhooks.push(webhook);
    Ok(response)
}

fn get(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let webhook = find(call, account)?;
    let signature = json!({"key": webhook.key, "hash_function": "sha256"});
    Ok(ApiResponse::ok(json!({"id": webhook.id, "signature": signature, "data": to_json(webhook)})))
}

fn patch(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let webhook = find(call, account)?;
    if let Some(url) = call.body().text("url") {
        webhook.url = url.into();
    }
    if let Some(limit) = call.body().integer("rate_limit") {
        webhook.rate_limit = limit;
    }
    if let Some(period) = call.body().text("rate_limit_period") {
        webhook.rate_limit_period = period.into();
    }
    Ok(ApiResponse::ok(json!({"id": webhook.id, "data": to_json(webhook), "object": "Webhook", "patched": true})))
}

fn archive(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let webhook = find(call, account)?;
    webhook.archived.get_or_insert(call.now);
    Ok(ApiResponse::ok(json!({"id": webhook.id, "data": to_json(webhook), "object": "Webhook", "archived": true})))
}

fn unarchive(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let webhook = find(call, account)?;
    webhook.archived = None;
    Ok(ApiResponse::ok(json!({"id": webhook.id, "data": to_json(webhook), "object": "Webhook", "archived": false})))
}

fn find<'a>(call: &Call<'_>, account: &'a mut Account) -> Result<&'a mut Webhook, ApiResponse> {
    let id = call.path_text("webhook_id");
    account.webhooks.iter_mut().find(|it| it.id == id).ok_or_else(|| call.missing("Webhook", id))
}

fn to_json(webhook: &Webhook) -> Value {
    compact(json!({
        "id": webhook.id,
        "status": if webhook.archived.is_some() { "archived" } else { "active" },
        "event": webhook.event,
        "url": webhook.url,
        "archived_at": webhook.archived.map(Time::seconds),
        "rate_limit": webhook.rate_limit,
        "rate_limit_period": webhook.rate_limit_period,
    }))
}
