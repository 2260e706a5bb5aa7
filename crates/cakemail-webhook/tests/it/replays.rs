//! Detecting duplicates and old events.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cakemail_model::Timestamp;
use cakemail_webhook::{Delivery, DeliveryId, Occurrence, Receiver, Rejection, ReplayGuard, sign};

use crate::{NOW, key, opened, receiver};

const MINUTE: Duration = Duration::from_secs(60);

fn id(number: usize) -> DeliveryId {
    DeliveryId::of(number.to_string().as_bytes())
}

fn ago(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(NOW.as_second() - seconds))
}

fn receive(receiver: &Receiver, body: &str) -> Result<Delivery, Rejection> {
    receiver.receive([("x-signature", sign(&key(), body.as_bytes()))], body.as_bytes())
}

#[test]
fn a_repeated_delivery_is_a_duplicate() {
    let receiver = receiver();
    let first = receive(&receiver, &opened(1)).unwrap();
    assert_eq!(first.occurrence, Occurrence::First);
    for receiver in [&receiver, &receiver.clone()] {
        let again = receive(receiver, &opened(1)).unwrap();
        assert_eq!(again.occurrence, Occurrence::Duplicate);
        assert_eq!((again.id, &again.event), (first.id, &first.event));
    }
    assert_eq!(receive(&receiver, &opened(2)).unwrap().occurrence, Occurrence::First);
}

#[test]
fn a_forgotten_delivery_is_new_again() {
    let receiver = receiver();
    let id = receive(&receiver, &opened(1)).unwrap().id;
    receiver.forget(id);
    receiver.forget(id);
    assert_eq!(receive(&receiver, &opened(1)).unwrap().occurrence, Occurrence::First);
    assert_eq!(receive(&receiver, &opened(1)).unwrap().occurrence, Occurrence::Duplicate);
}

#[test]
fn the_window_is_exact_to_the_second() {
    let guard = ReplayGuard::new(10, MINUTE);
    assert_eq!(guard.record(id(1), ago(60), NOW), Ok(Occurrence::First));
    assert_eq!(guard.record(id(2), ago(61), NOW), Err(Rejection::TooOld));
    assert_eq!(guard.record(id(2), ago(61), NOW), Err(Rejection::TooOld), "a rejected delivery is not recorded");
    assert_eq!(guard.record(id(3), ago(-3600), NOW), Ok(Occurrence::First), "the sender's clock may be ahead");
    assert_eq!(guard.record(id(4), None, NOW), Ok(Occurrence::First));
    assert_eq!(guard.record(id(4), None, NOW), Ok(Occurrence::Duplicate));
}

#[test]
fn a_recorded_delivery_is_a_duplicate_at_any_age() {
    let guard = ReplayGuard::new(10, MINUTE);
    assert_eq!(guard.record(id(1), ago(0), NOW), Ok(Occurrence::First));
    assert_eq!(guard.record(id(1), ago(0), NOW.saturating_add(MINUTE * 100)), Ok(Occurrence::Duplicate));
}

#[test]
fn beyond_the_capacity_the_window_rejects_old_events() {
    let guard = ReplayGuard::new(3, MINUTE);
    for number in 0..4 {
        assert_eq!(guard.record(id(number), ago(0), NOW), Ok(Occurrence::First));
    }
    let later = NOW.saturating_add(MINUTE * 2);
    for number in 1..4 {
        assert_eq!(
            guard.record(id(number), ago(0), later),
            Ok(Occurrence::Duplicate),
            "{number} is among the last three"
        );
    }
    assert_eq!(guard.record(id(0), ago(0), later), Err(Rejection::TooOld));
    assert_eq!(guard.record(id(0), ago(0), NOW), Ok(Occurrence::First), "within the window, and beyond the capacity");
}

#[test]
fn duplicates_take_no_space_in_the_record() {
    let guard = ReplayGuard::new(2, MINUTE);
    assert_eq!(guard.record(id(1), None, NOW), Ok(Occurrence::First));
    for _ in 0..100 {
        guard.record(id(2), None, NOW).unwrap();
    }
    assert_eq!(guard.record(id(1), None, NOW), Ok(Occurrence::Duplicate));
}

#[test]
fn forgetting_a_delivery_keeps_the_eviction_order() {
    let guard = ReplayGuard::new(2, MINUTE);
    for number in [1, 2] {
        guard.record(id(number), None, NOW).unwrap();
    }
    guard.forget(id(1));
    assert_eq!(guard.record(id(1), None, NOW), Ok(Occurrence::First)); // now the newer of the two
    assert_eq!(guard.record(id(3), None, NOW), Ok(Occurrence::First)); // evicts 2
    assert_eq!(guard.record(id(1), None, NOW), Ok(Occurrence::Duplicate));
    assert_eq!(guard.record(id(2), None, NOW), Ok(Occurrence::First));
}

#[test]
fn extreme_capacities_and_times_do_not_panic() {
    let none = ReplayGuard::new(0, Duration::ZERO);
    assert_eq!(none.record(id(1), ago(0), NOW), Ok(Occurrence::First));
    assert_eq!(none.record(id(1), ago(0), NOW), Ok(Occurrence::First));
    let all = ReplayGuard::new(usize::MAX, Duration::MAX);
    assert_eq!(all.record(id(1), Some(Timestamp::from_second(i64::MIN)), NOW), Ok(Occurrence::First));
    assert_eq!(all.record(id(1), None, Timestamp::from_second(i64::MIN)), Ok(Occurrence::Duplicate));
}

#[test]
fn the_default_window_is_a_day_by_the_callers_clock() {
    let day = 24 * 60 * 60;
    assert_eq!(receive(&receiver(), &opened(day)).unwrap().occurrence, Occurrence::First);
    assert_eq!(receive(&receiver(), &opened(day + 1)).unwrap_err(), Rejection::TooOld);
    let narrow = receiver().replay_guard(ReplayGuard::new(8, MINUTE));
    assert_eq!(receive(&narrow, &opened(61)).unwrap_err(), Rejection::TooOld);
    let official = r#"{"event":"Email.Bounced","created_on":1799999000,"data":{}}"#;
    assert_eq!(receive(&narrow, official).unwrap_err(), Rejection::TooOld);
    let undated = r#"{"event":"Email.Bounced","data":{}}"#;
    assert_eq!(receive(&narrow, undated).unwrap().occurrence, Occurrence::First);
    assert_eq!(receive(&narrow, undated).unwrap().occurrence, Occurrence::Duplicate);
}

#[test]
fn concurrent_deliveries_of_a_body_are_first_once() {
    const DELIVERIES: usize = 500;
    let guard = ReplayGuard::new(DELIVERIES, MINUTE);
    let first = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..DELIVERIES {
                    if guard.record(id(number), ago(0), NOW) == Ok(Occurrence::First) {
                        first.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(first.into_inner(), DELIVERIES);
}

#[test]
fn a_delivery_id_is_the_sha_256_of_the_body() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(DeliveryId::of(b"").to_string(), empty);
    assert_eq!(format!("{:?}", DeliveryId::of(b"")), format!("DeliveryId({empty})"));
}

#[test]
fn receivers_and_guards_are_send_and_sync() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Receiver>();
    shared::<ReplayGuard>();
}
