//! Webhooks: kept and shown. What is delivered to them is the postman's.

use serde_json::{Value, json};

use super::{Call, Fields, Handler};
use crate::api::response::{Answer, Outcome, compact};
use crate::domain::Time;
use crate::domain::{Account, Webhook};

pub(super) const OPERATIONS: super::Table = &[
    ("listWebhooks", Handler::Signed(list)),
    ("createWebhook", Handler::Signed(create)),
    ("getWebhook", Handler::Signed(get)),
    ("patchWebhook", Handler::Signed(patch)),
    ("archiveWebhook", Handler::Signed(archive)),
    ("unarchiveWebhook", Handler::Signed(unarchive)),
];

fn list(call: &Call<'_>, account: &mut Account) -> Outcome {
    let archived_too = call.query().flag("with_archived");
    let wanted = account.webhooks.iter().filter(|it| archived_too || it.archived.is_none());
    call.paged(wanted.map(shown).collect())
}

fn create(call: &Call<'_>, account: &mut Account) -> Outcome {
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
    let answer = Answer::created(json!({"id": webhook.id, "data": shown(&webhook)}));
    account.webhooks.push(webhook);
    Ok(answer)
}

fn get(call: &Call<'_>, account: &mut Account) -> Outcome {
    let webhook = find(call, account)?;
    let signature = json!({"key": webhook.key, "hash_function": "sha256"});
    Ok(Answer::ok(json!({"id": webhook.id, "signature": signature, "data": shown(webhook)})))
}

fn patch(call: &Call<'_>, account: &mut Account) -> Outcome {
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
    Ok(Answer::ok(json!({"id": webhook.id, "data": shown(webhook), "object": "Webhook", "patched": true})))
}

fn archive(call: &Call<'_>, account: &mut Account) -> Outcome {
    let webhook = find(call, account)?;
    webhook.archived.get_or_insert(call.now);
    Ok(Answer::ok(json!({"id": webhook.id, "data": shown(webhook), "object": "Webhook", "archived": true})))
}

fn unarchive(call: &Call<'_>, account: &mut Account) -> Outcome {
    let webhook = find(call, account)?;
    webhook.archived = None;
    Ok(Answer::ok(json!({"id": webhook.id, "data": shown(webhook), "object": "Webhook", "archived": false})))
}

fn find<'a>(call: &Call<'_>, account: &'a mut Account) -> Result<&'a mut Webhook, Answer> {
    let id = call.name("webhook_id");
    account.webhooks.iter_mut().find(|it| it.id == id).ok_or_else(|| call.missing("Webhook", id))
}

fn shown(webhook: &Webhook) -> Value {
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
