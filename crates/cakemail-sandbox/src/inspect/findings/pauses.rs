//! `retry_after_ignored`: made again before the time that the answer named.

use std::collections::VecDeque;
use std::time::Duration;

use http::header::RETRY_AFTER;
use tokio::time::Instant;

use super::{Seen, hash, push};
use crate::domain::Time;

/// Requests that were told to wait, oldest first.
#[derive(Default)]
pub(super) struct Pauses(VecDeque<Pause>);

struct Pause {
    /// What makes it this request.
    what: u64,
    request: u64,
    asked: Duration,
    /// By the sandbox's clock, and by the runtime's: who waits by either has waited.
    since: (Time, Instant),
}

impl Pauses {
    pub(super) fn note(&mut self, seen: &Seen<'_>) -> Option<String> {
        let now = seen.trace.time;
        self.0.retain(|it| now.since(it.since.0) < it.asked && it.since.1.elapsed() < it.asked);
        let asked = asked(seen);
        if self.0.is_empty() && asked.is_none() {
            return None;
        }
        let request = seen.request;
        let what = hash((seen.trace.account, request.method, request.path, request.query, request.body));
        let earlier = self.0.iter().position(|it| it.what == what).and_then(|place| self.0.remove(place));
        if let Some(asked) = asked {
            push(&mut self.0, Pause { what, request: seen.id, asked, since: (now, Instant::now()) });
        }
        let Pause { request, asked, .. } = earlier?;
        Some(format!(
            "{} was made again too early: the 429 of request {request} asked for a pause of {} s. Wait as long as \
             Retry-After says, and go slower after that",
            seen.url(),
            asked.as_secs_f64(),
        ))
    }
}

/// The pause that an answer asks for.
fn asked(seen: &Seen<'_>) -> Option<Duration> {
    let named = seen.headers().filter(|_| seen.status() == 429)?.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = named.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(named).ok()?;
    Some(Time(date.timestamp().as_millisecond()).since(seen.trace.time))
}
