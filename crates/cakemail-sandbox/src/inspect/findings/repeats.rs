//! `repeated_send`: an email was submitted again after an unknown outcome, without reading the logs before.

use cakemail_model::TagFilter;
use serde_json::{Map, Value};

use crate::api::document::Operation;
use crate::domain::{Fields, fingerprint};
use crate::inspect::bounded_log::BoundedLog;
use crate::inspect::exchange::Exchange;

/// Submissions that may have been accepted, oldest first.
#[derive(Default)]
pub(super) struct Repeats(BoundedLog<AmbiguousSend>);

struct AmbiguousSend {
    account: Option<i64>,
    fingerprint: u64,
    tags: Vec<String>,
    request: u64,
    status: u16,
}

impl Repeats {
    pub(super) fn check(&mut self, exchange: &Exchange<'_>, operation: &Operation) -> Option<String> {
        match operation.id.as_str() {
            "submitEmail" if !self.0.is_empty() || exchange.is_ambiguous() => {
                self.submitted(exchange, &exchange.body())
            }
            "getEmailAPILogs" | "getEmailAPISummary" if !self.0.is_empty() && exchange.is_done() => {
                self.remove_listed(exchange);
                None
            }
            _ => None,
        }
    }

    fn submitted(&mut self, exchange: &Exchange<'_>, body: &Map<String, Value>) -> Option<String> {
        let account = exchange.trace.account;
        let fingerprint = fingerprint(body.text("email").unwrap_or_default(), body);
        let earlier = self.0.iter().position(|it| (it.account, it.fingerprint) == (account, fingerprint));
        let message = earlier.and_then(|place| self.0.get(place)).map(AmbiguousSend::message);
        if exchange.is_ambiguous() || exchange.is_done() {
            earlier.and_then(|place| self.0.remove(place));
        }
        if exchange.is_ambiguous() {
            let tags = body.texts("tags").unwrap_or_default();
            self.0.push(AmbiguousSend { account, fingerprint, tags, request: exchange.id, status: exchange.status() });
        }
        message
    }

    /// Removes submissions that the response of the logs includes, since the client knows their outcome.
    fn remove_listed(&mut self, exchange: &Exchange<'_>) {
        let query = serde_urlencoded::from_str::<Vec<(String, String)>>(exchange.request.query).unwrap_or_default();
        let filter = query.iter().find(|(name, _)| name == "tags").and_then(|(_, tags)| tags.parse::<TagFilter>().ok());
        let includes = |send: &AmbiguousSend| {
            let has = |tag: &str| send.tags.iter().any(|other| other == tag);
            filter.as_ref().is_none_or(|filter| filter.matches_with(&has))
        };
        self.0.retain(|send| send.account != exchange.trace.account || !includes(send));
    }
}

impl AmbiguousSend {
    fn message(&self) -> String {
        let outcome = match self.status {
            0 => "had no whole response".into(),
            200..300 => "had a response that could not be parsed".into(),
            status => format!("had the response {status}"),
        };
        format!(
            "the email was submitted again, though request {} {outcome} and may have been accepted: its recipient may have \
             it twice. Give each email a unique tag, and look for it in GET /v2/logs/emails before submitting again",
            self.request
        )
    }
}
