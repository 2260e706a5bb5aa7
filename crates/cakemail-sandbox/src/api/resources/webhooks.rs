//! The webhooks of an account. The dispatcher delivers events to them.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::{Call, check_room};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::index::Key;
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
    let webhooks = &account.webhooks;
    if call.query().flag("with_archived") {
        return call.listed(webhooks, webhooks.numbers(), to_json);
    }
    call.listed(webhooks, &webhooks.select("status", "active"), to_json)
}

fn create(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    check_room(account.webhooks.len())?;
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
    let id = call.path_text("webhook_id");
    let webhook = account.webhooks.row("id", Key::Text(id)).ok_or_else(|| call.missing("Webhook", id))?;
    let signature = json!({"key": webhook.key, "hash_function": "sha256"});
    Ok(ApiResponse::ok(json!({"id": webhook.id, "signature": signature, "data": to_json(webhook)})))
}

fn patch(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let webhook = change(call, account, |webhook| {
        if let Some(url) = call.body().text("url") {
            webhook.url = url.into();
        }
        if let Some(limit) = call.body().integer("rate_limit") {
            webhook.rate_limit = limit;
        }
        if let Some(period) = call.body().text("rate_limit_period") {
            webhook.rate_limit_period = period.into();
        }
    })?;
    Ok(ApiResponse::ok(json!({"id": webhook.id, "data": to_json(webhook), "object": "Webhook", "patched": true})))
}

fn archive(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let archive = |webhook: &mut Webhook| webhook.archived = webhook.archived.or(Some(call.now));
    let webhook = change(call, account, archive)?;
    Ok(ApiResponse::ok(json!({"id": webhook.id, "data": to_json(webhook), "object": "Webhook", "archived": true})))
}

fn unarchive(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let webhook = change(call, account, |webhook| webhook.archived = None)?;
    Ok(ApiResponse::ok(json!({"id": webhook.id, "data": to_json(webhook), "object": "Webhook", "archived": false})))
}

/// Changes the webhook in the path.
fn change<'a>(
    call: &Call<'_>,
    account: &'a mut Account,
    change: impl FnOnce(&mut Webhook),
) -> Result<&'a Webhook, ApiResponse> {
    let id = call.path_text("webhook_id");
    account.webhooks.change_row("id", Key::Text(id), change).ok_or_else(|| call.missing("Webhook", id))
}

fn to_json(webhook: &Webhook) -> Value {
    compact(json!({
        "id": webhook.id,
        "status": webhook.status(),
        "event": webhook.event,
        "url": webhook.url,
        "archived_at": webhook.archived.map(Time::seconds),
        "rate_limit": webhook.rate_limit,
        "rate_limit_period": webhook.rate_limit_period,
    }))
}
