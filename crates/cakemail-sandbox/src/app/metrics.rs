//! The sandbox's own metrics, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::context::App;
use crate::api::document::Operation;
use crate::domain::lifecycle::EventKind;
use crate::domain::{DeliveryState, State};
use crate::inspect::requests;

/// What is counted while the sandbox runs.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Requests to the API, by the id of the operation (empty for none) and by status (0 when a fault prevented a response).
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    connections: AtomicUsize,
}

impl Metrics {
    pub(crate) fn count(&self, operation: Option<&'static Operation>, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((operation.map_or("", |operation| &operation.id), status)).or_default() += 1;
    }

    /// Counts a connection until the value is dropped.
    pub(crate) fn connection(&self) -> OpenConnection<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self)
    }
}

pub(crate) struct OpenConnection<'a>(&'a Metrics);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) fn render(app: &App) -> String {
    let mut text = Text::default();
    let requests = app.metrics.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
    text.family("requests_total", "counter", "Requests to the API; status 0 when a fault prevented a response.");
    for ((operation, status), count) in requests {
        text.value("requests_total", &[("operation", operation), ("status", &status.to_string())], count);
    }
    let state = app.state();
    emails(&mut text, &state);
    deliveries(&mut text, &state);
    text.single("accounts", "gauge", "Accounts.", state.accounts.len());
    let limit = state.max_bytes().saturating_add(requests::MAX_BYTES);
    text.single(
        "stored_bytes",
        "gauge",
        "Size of the stored emails and requests.",
        state.bytes() + app.requests.bytes(),
    );
    text.single("stored_bytes_limit", "gauge", "Their limit. Above it the oldest are deleted.", limit);
    drop(state);
    let connections = app.metrics.connections.load(Ordering::Relaxed);
    text.single("connections", "gauge", "Open connections.", connections);
    text.single("faults_hit_total", "counter", "Requests and connections that a fault struck.", app.faults.hits());
    if let Some(data) = app.engine.data_status() {
        text.single("journal_bytes", "gauge", "Size of the file that keeps the state.", data.bytes);
        let writable = u8::from(data.read_only.is_none());
        text.single("journal_writable", "gauge", "Whether the last change could be written to it.", writable);
    }
    if let Some(bytes) = resident_bytes() {
        text.single("resident_bytes", "gauge", "Resident memory of the process.", bytes);
    }
    text.0
}

fn emails(text: &mut Text, state: &State) {
    let counts = state.accounts.iter().map(|account| account.emails.counts());
    let accepted: u64 = counts.clone().map(|counts| counts.accepted).sum();
    text.single("emails_accepted_total", "counter", "Accepted emails, also those that are no longer stored.", accepted);
    let dropped: u64 = counts.clone().map(|counts| counts.dropped).sum();
    text.single("emails_dropped_total", "counter", "Accepted emails that are no longer stored.", dropped);
    let duplicates: u64 = counts.map(|counts| counts.duplicates).sum();
    text.single("emails_duplicate_total", "counter", "Emails that were accepted before.", duplicates);
    text.family("emails", "gauge", "Stored emails, by status.");
    for status in EventKind::ALL {
        let count: u64 = state.accounts.iter().map(|account| account.emails.index().with_status(status).len()).sum();
        text.value("emails", &[("status", &word(&json!(status)))], count);
    }
}

fn deliveries(text: &mut Text, state: &State) {
    use DeliveryState::{Delivered, Failed, Pending, Refused};
    text.family("webhook_deliveries", "gauge", "Stored deliveries to webhooks, by state.");
    let all = || state.accounts.iter().flat_map(|account| account.deliveries.iter());
    for kind in [Pending, Delivered, Failed, Refused] {
        let count = all().filter(|delivery| delivery.state == kind).count();
        text.value("webhook_deliveries", &[("state", &word(&json!(kind)))], count);
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The resident memory of this process, where the system says it.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The text format: families of values.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.0 += &format!("# HELP cakemail_sandbox_{name} {help}\n# TYPE cakemail_sandbox_{name} {kind}\n");
    }

    /// A value of the last family. The values of labels need no escapes.
    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.0 += &format!("cakemail_sandbox_{name}{labels} {value}\n");
    }

    /// A family of one value without labels.
    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, kind, help);
        self.value(name, &[], value);
    }
}
