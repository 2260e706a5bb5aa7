//! Reports over time, counted in the account's log.

use std::ops::Range;

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::api::window::Window;
use crate::domain::index::Numbers;
use crate::domain::lifecycle::EventKind;
use crate::domain::{Account, Emails, Fields};

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
    let emails = &account.emails;
    let counts = Counts::of(&window.events_since(first * length, emails), emails);
    let rows: Vec<_> = (first..first + count)
        .map(|number| {
            let (start, end) = (number * length, (number + 1) * length);
            let events = emails.log().between(start, end - 1);
            counts.figures(&window, start, end.min(window.end), events)
        })
        .collect();
    Ok(ApiResponse::ok(json!({"parameters": window.parameters(Some(interval)), "data": rows})).assumed())
}

/// The events of a report, by kind.
struct Counts<'a> {
    emails: &'a Emails,
    kinds: [Numbers; EventKind::ALL.len()],
    /// Those whose email had an event of the same kind before.
    repeats: Numbers,
}

impl<'a> Counts<'a> {
    fn of(events: &Numbers, emails: &'a Emails) -> Self {
        let log = emails.log();
        Self { emails, kinds: EventKind::ALL.map(|kind| events & log.of_kind(kind)), repeats: events & log.repeats() }
    }

    /// How many events of a kind are in a range.
    fn count(&self, kind: EventKind, events: &Range<u32>) -> u64 {
        self.kinds[kind as usize].range_cardinality(events.clone())
    }

    /// How many emails have an event of a kind in a range: those that do not follow another one in it.
    fn unique(&self, kind: EventKind, events: &Range<u32>) -> u64 {
        let repeats = self.repeats.range(events.clone()).filter(|number| self.kinds[kind as usize].contains(*number));
        let previous = repeats.filter_map(|number| self.emails.previous(number));
        self.count(kind, events) - previous.filter(|number| *number >= events.start).count() as u64
    }

    fn figures(&self, window: &Window, start: i64, end: i64, events: Range<u32>) -> Value {
        let count = |kind| self.count(kind, &events);
        let (submitted, delivered) = (count(EventKind::Submitted), count(EventKind::Delivered));
        let (hard, soft) = (count(EventKind::HardBounce), count(EventKind::SoftBounce));
        let (opens, clicks) = (self.unique(EventKind::Open, &events), self.unique(EventKind::Click, &events));
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
}

/// `part` divided by `whole`, from 0 to 1; 0 when `whole` is 0.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn rate(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
