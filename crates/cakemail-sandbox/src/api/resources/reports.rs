//! Reports over time, computed from events.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::api::window::Window;
use crate::domain::lifecycle::EventKind;
use crate::domain::{Account, Email, Event, Fields};

pub(super) const OPERATIONS: super::Table = &[("getEmailAPIStats", Handler::Authenticated(report))];

/// The maximum number of intervals. A request for more is refused.
const INTERVALS: i64 = 10_000;

/// The first interval begins at or before the window. The last one ends with the window, the others are complete.
fn report(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let window = Window::of(call)?;
    let interval = call.query().text("interval").unwrap_or("1d");
    let length = match interval {
        "5m" => 300,
        "15m" => 900,
        "30m" => 1800,
        "1h" => 3600,
        _ => 86_400,
    };
    let first = window.start.div_euclid(length);
    let count = window.end.div_euclid(length) - first + 1;
    if count > INTERVALS {
        let msg = format!("This makes {count} intervals: take a longer interval or a shorter window");
        return Err(ApiResponse::bad_request(&["query", "interval"], msg).assumed());
    }
    let mut intervals: Vec<Vec<(&Email, &Event)>> = vec![Vec::new(); usize::try_from(count).unwrap_or_default()];
    for email in account.emails.iter().filter(|email| window.matches(email)) {
        for event in &email.events {
            let place = usize::try_from(event.time.seconds().div_euclid(length) - first);
            let interval = place.ok().and_then(|place| intervals.get_mut(place));
            if let Some(interval) =
                interval.filter(|_| event.time.seconds() <= window.end && window.is_logged(event.time))
            {
                interval.push((email, event));
            }
        }
    }
    let rows: Vec<_> = intervals
        .iter()
        .zip(first..)
        .map(|(events, number)| {
            let end = ((number + 1) * length).min(window.end);
            figures(&window, number * length, end, events)
        })
        .collect();
    Ok(ApiResponse::ok(json!({"parameters": window.parameters(Some(interval)), "data": rows})).assumed())
}

fn figures(window: &Window, start: i64, end: i64, events: &[(&Email, &Event)]) -> Value {
    let count = |kind: EventKind| events.iter().filter(|(_, event)| event.kind == kind).count();
    let unique = |kind: EventKind| {
        let some = events.iter().filter(|(_, event)| event.kind == kind);
        some.map(|(email, _)| email.id).collect::<HashSet<_>>().len()
    };
    let (submitted, delivered) = (count(EventKind::Submitted), count(EventKind::Delivered));
    let (hard, soft) = (count(EventKind::HardBounce), count(EventKind::SoftBounce));
    let (opens, clicks) = (unique(EventKind::Open), unique(EventKind::Click));
    json!({
        "interval_start": window.seconds(start),
        "interval_end": window.seconds(end),
        "submitted": submitted,
        "rejected": count(EventKind::Rejected),
        "error": count(EventKind::Error),
        "queued": count(EventKind::Queued),
        "processed": delivered + hard + soft,
        "delivered": delivered,
        "unique_open": opens,
        "unique_click": clicks,
        "open": count(EventKind::Open),
        "click": count(EventKind::Click),
        "bounce": hard + soft,
        "hard_bounce": hard,
        "soft_bounce": soft,
        "spam": count(EventKind::Spam),
        "unsubscribe": count(EventKind::Unsubscribe),
        "global_unsubscribe": 0,
        "unique_open_rate": rate(opens, delivered),
        "unique_click_rate": rate(clicks, delivered),
        "open_rate": rate(count(EventKind::Open), delivered),
        "click_rate": rate(count(EventKind::Click), delivered),
        "clickthru_rate": rate(clicks, opens),
        "delivery_rate": rate(delivered, submitted),
        "error_rate": rate(count(EventKind::Error), submitted),
        "reject_rate": rate(count(EventKind::Rejected), submitted),
        "bounce_rate": rate(hard + soft, submitted),
        "global_unsubscribe_rate": 0.0,
        "unsubscribe_rate": rate(count(EventKind::Unsubscribe), delivered),
        "spam_rate": rate(count(EventKind::Spam), delivered),
    })
}

/// `part` divided by `whole`, from 0 to 1; 0 when `whole` is 0.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn rate(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
