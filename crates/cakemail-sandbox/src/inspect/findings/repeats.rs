//! `repeated_send`: posted again blindly, after an outcome that nobody could know.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::{Seen, push};
use crate::api::Fields;
use crate::api::document::Operation;
use crate::api::tag_filter::TagFilter;
use crate::domain::fingerprint;

/// Submissions that may have been accepted, oldest first.
#[derive(Default)]
pub(super) struct Repeats(VecDeque<Doubt>);

struct Doubt {
    account: Option<i64>,
    fingerprint: u64,
    tags: Vec<String>,
    request: u64,
    status: u16,
}

impl Repeats {
    pub(super) fn note(&mut self, seen: &Seen<'_>, operation: &Operation) -> Option<String> {
        match operation.id.as_str() {
            "submitEmail" if !self.0.is_empty() || seen.is_doubtful() => self.submitted(seen, &seen.body(operation)),
            "getEmailAPILogs" | "getEmailAPISummary" if !self.0.is_empty() && seen.is_done() => {
                self.looked(seen);
                None
            }
            _ => None,
        }
    }

    fn submitted(&mut self, seen: &Seen<'_>, body: &Map<String, Value>) -> Option<String> {
        let account = seen.trace.account;
        let fingerprint = fingerprint(body.text("email").unwrap_or_default(), body);
        let earlier = self.0.iter().position(|it| (it.account, it.fingerprint) == (account, fingerprint));
        let message = earlier.and_then(|place| self.0.get(place)).map(Doubt::message);
        if seen.is_doubtful() || seen.is_done() {
            earlier.and_then(|place| self.0.remove(place));
        }
        if seen.is_doubtful() {
            let tags = body.texts("tags").unwrap_or_default();
            push(&mut self.0, Doubt { account, fingerprint, tags, request: seen.id, status: seen.status() });
        }
        message
    }

    /// Whoever looks for an email in the logs may do what it likes with what it found.
    fn looked(&mut self, seen: &Seen<'_>) {
        let query = serde_urlencoded::from_str::<Vec<(String, String)>>(seen.request.query).unwrap_or_default();
        let asked = query.iter().find(|(name, _)| name == "tags").and_then(|(_, tags)| TagFilter::read(tags).ok());
        let shows = |doubt: &Doubt| {
            let has = |tag: &str| doubt.tags.iter().any(|it| it == tag);
            asked.as_ref().is_none_or(|asked| asked.fits(&has))
        };
        self.0.retain(|doubt| doubt.account != seen.trace.account || !shows(doubt));
    }
}

impl Doubt {
    fn message(&self) -> String {
        let outcome = match self.status {
            0 => "had no whole answer".into(),
            200..300 => "had an answer that could not be read".into(),
            status => format!("was answered with {status}"),
        };
        format!(
            "the email was submitted again, though request {} {outcome} and may have been accepted: its recipient may have \
             it twice. Give each email a tag of its own, and look for that in GET /v2/logs/emails before submitting it again",
            self.request
        )
    }
}
