//! The domains that emails are sent from, and the DNS records that they need.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::domain::{Account, Domains, Fields};

pub(super) const OPERATIONS: super::Table = &[
    ("showDomains", Handler::Authenticated(show)),
    ("patchDomains", Handler::Authenticated(patch)),
    ("validateDomains", Handler::Authenticated(validate)),
];

fn show(_: &Call<'_>, account: &mut Account) -> HandlerResult {
    Ok(ApiResponse::ok(json!({"data": to_json(&account.domains)})))
}

/// A `null` clears a domain.
fn patch(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    for (name, value) in call.body().object("domains").into_iter().flatten() {
        match value {
            Value::Null => account.domains.chosen.remove(name),
            value => account.domains.chosen.insert(name.clone(), value.clone()),
        };
    }
    Ok(ApiResponse::ok(json!({"object": "domains", "patched": true, "data": to_json(&account.domains)})))
}

/// The records that a real account would need. The test sets whether they exist.
fn validate(_: &Call<'_>, account: &mut Account) -> HandlerResult {
    let domains = &account.domains;
    let records = |name: &str, entries: &[&str]| -> Vec<Value> {
        let Some(domain) = domains.chosen.text(name).map(host) else { return Vec::new() };
        entries.iter().map(|entry| json!({"entry": format!("{domain}. {entry}"), "valid": domains.valid})).collect()
    };
    let bounce = records("bounce", &["MX 10 mx.sandbox.invalid.", "TXT \"v=spf1 include:spf.sandbox.invalid ~all\""]);
    let tracking = records("tracking", &["CNAME links.sandbox.invalid."]);
    Ok(ApiResponse::ok(json!({"data": {"bounce": bounce, "tracking": tracking}})).assumed())
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

fn to_json(domains: &Domains) -> Value {
    let chosen = |name: &str| domains.chosen.text(name).unwrap_or_default();
    json!({
        "auth": domains.auth,
        "bounce": chosen("bounce"),
        "dkim": domains.dkim,
        "tracking": chosen("tracking"),
    })
}
