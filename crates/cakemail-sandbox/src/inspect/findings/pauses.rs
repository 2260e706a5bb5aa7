//! `retry_after_ignored`: a request was sent again before the time in `Retry-After`.

use std::time::Duration;

use http::header::RETRY_AFTER;
use tokio::time::Instant;

use super::hash;
use crate::domain::Time;
use crate::inspect::bounded_log::BoundedLog;
use crate::inspect::exchange::Exchange;

/// Requests that got a `Retry-After`, oldest first.
#[derive(Default)]
pub(super) struct Pauses(BoundedLog<Pause>);

struct Pause {
    /// A hash of the request.
    hash: u64,
    request: u64,
    delay: Duration,
    /// By the sandbox's clock and by the runtime's. Waiting by either one is enough.
    since: (Time, Instant),
}

impl Pauses {
    pub(super) fn check(&mut self, exchange: &Exchange<'_>) -> Option<String> {
        let now = exchange.trace.time;
        self.0.retain(|pause| now.since(pause.since.0) < pause.delay && pause.since.1.elapsed() < pause.delay);
        let delay = delay(exchange);
        if self.0.is_empty() && delay.is_none() {
            return None;
        }
        let request = exchange.request;
        let hash = hash((exchange.trace.account, request.method, request.path, request.query, request.body));
        let earlier = self.0.iter().position(|pause| pause.hash == hash).and_then(|place| self.0.remove(place));
        if let Some(delay) = delay {
            self.0.push(Pause { hash, request: exchange.id, delay, since: (now, Instant::now()) });
        }
        let Pause { request, delay, .. } = earlier?;
        Some(format!(
            "{} was sent again too early: the 429 of request {request} asked for a pause of {} s. Wait as long as \
             Retry-After says, and send fewer requests after that",
            exchange.method_and_path(),
            delay.as_secs_f64(),
        ))
    }
}

/// The delay in the `Retry-After` of a 429.
fn delay(exchange: &Exchange<'_>) -> Option<Duration> {
    let value = exchange.response_headers().filter(|_| exchange.status() == 429)?.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Time(date.timestamp().as_millisecond()).since(exchange.trace.time))
}
