//! The one rule for an event's date.

use std::time::Duration;

use cakemail_model::Timestamp;
use cakemail_webhook::{MemoryStore, Receiver, Rejection};
use serde_json::{Value, json};

use crate::{NOW, post, receiver};

const MINUTE: Duration = Duration::from_secs(60);

fn dated(field: &str, date: &Value) -> String {
    json!({"event": "Email.Bounced", field: date, "data": {}}).to_string()
}

/// Posts an event with this date, twice, within a window of a minute; returns the text of its rejection.
async fn received(field: &str, date: &Value) -> Result<(), String> {
    let receiver = receiver().window(MINUTE);
    match post(&receiver, &dated(field, date)).await {
        Ok(delivery) => {
            delivery.done().await.unwrap();
            let again = post(&receiver, &dated(field, date)).await;
            assert!(matches!(again, Err(Rejection::Duplicate)), "{date}: the store remembers it");
            Ok(())
        }
        Err(rejection) => {
            assert_eq!(rejection.status(), if matches!(rejection, Rejection::TooOld { .. }) { 400 } else { 503 });
            Err(rejection.to_string())
        }
    }
}

#[tokio::test]
async fn an_event_is_accepted_within_the_window_in_both_directions_in_every_format() {
    let seconds = NOW.as_second();
    for (after, expected) in [
        (0, None),
        (-60, None),
        (60, None),
        (-61, Some("the event is too old: its date was 61 s ago")),
        (61, Some("the event is from the future: its date is in 61 s")),
        (-86_400, Some("the event is too old: its date was 86400 s ago")),
        (86_400 * 365, Some("the event is from the future: its date is in 31536000 s")),
    ] {
        let time = seconds + after;
        let iso = Timestamp::from_second(time).to_string();
        let (millis, spaced) = (time * 1000 + 999, iso.replace('T', " ").replace('Z', ""));
        let formats =
            [json!(time), json!(time.to_string()), json!(iso), json!(spaced), json!(millis), json!(millis.to_string())];
        for date in formats {
            for field in ["created_on", "timestamp"] {
                let result = received(field, &date).await;
                assert_eq!(result.err().as_deref(), expected, "{field}: {date}");
            }
        }
    }
}

#[tokio::test]
async fn an_event_without_a_date_is_accepted_and_remembered() {
    for date in [json!(null), json!(""), json!("soon"), json!("0000-00-00 00:00:00"), json!(true), json!([])] {
        for field in ["created_on", "timestamp", "date"] {
            assert_eq!(received(field, &date).await, Ok(()), "{field}: {date}");
        }
    }
}

#[tokio::test]
async fn an_event_that_is_too_old_is_not_remembered() {
    let (body, receiver) = (dated("created_on", &json!(NOW.as_second() - 61)), receiver());
    let narrow = receiver.clone().window(MINUTE);
    for _ in 0..2 {
        assert!(matches!(post(&narrow, &body).await, Err(Rejection::TooOld { age }) if age.as_secs() == 61));
    }
    post(&receiver, &body).await.unwrap().done().await.unwrap();
    assert!(matches!(post(&narrow, &body).await, Err(Rejection::Duplicate)), "done, at any age");
}

#[tokio::test]
async fn the_default_window_is_a_day() {
    for (seconds, accepted) in [(86_400, true), (86_401, false)] {
        for date in [NOW.as_second() - seconds, NOW.as_second() + seconds] {
            assert_eq!(post(&receiver(), &dated("created_on", &json!(date))).await.is_ok(), accepted, "{date}");
        }
    }
}

#[tokio::test]
async fn beyond_the_capacity_of_the_store_the_window_rejects_old_events() {
    let at = |now| receiver_at(now).window(MINUTE);
    let receiver = at(NOW).store(MemoryStore::new(3));
    let body =
        |number: i64| json!({"event": "A", "created_on": NOW.as_second(), "data": {"number": number}}).to_string();
    for number in 0..4 {
        post(&receiver, &body(number)).await.unwrap().done().await.unwrap();
    }
    let later = receiver.clone().clock(|| NOW.saturating_add(MINUTE * 2));
    for number in 1..4 {
        assert!(
            matches!(post(&later, &body(number)).await, Err(Rejection::Duplicate)),
            "{number} is among the last three"
        );
    }
    assert!(matches!(post(&later, &body(0)).await, Err(Rejection::TooOld { .. })));
}

fn receiver_at(now: Timestamp) -> Receiver {
    receiver().clock(move || now)
}

#[tokio::test]
async fn extreme_dates_and_windows_do_not_panic() {
    for now in [i64::MIN, 0, i64::MAX].map(Timestamp::from_second) {
        for date in [json!(i64::MIN), json!(0), json!(i64::MAX), json!(u64::MAX), json!(1e300)] {
            for window in [Duration::ZERO, MINUTE, Duration::MAX] {
                let receiver = receiver_at(now).window(window).lease(window);
                let result = post(&receiver, &dated("created_on", &date)).await;
                assert!(result.is_ok() || window != Duration::MAX, "{date}");
            }
        }
    }
}
