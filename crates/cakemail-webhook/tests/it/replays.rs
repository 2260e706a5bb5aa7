//! Replays: within memory and window, and beyond.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cakemail_model::Timestamp;
use cakemail_webhook::{Delivery, DeliveryId, Receiver, Rejection, ReplayGuard, Seen, sign};

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
fn a_repetition_is_no_error_and_no_news() {
    let receiver = receiver();
    let first = receive(&receiver, &opened(1)).unwrap();
    assert_eq!(first.seen, Seen::First);
    for receiver in [&receiver, &receiver.clone()] {
        let again = receive(receiver, &opened(1)).unwrap();
        assert_eq!(again.seen, Seen::Before);
        assert_eq!((again.id, &again.event), (first.id, &first.event));
    }
    assert_eq!(receive(&receiver, &opened(2)).unwrap().seen, Seen::First);
}

#[test]
fn what_could_not_be_processed_is_new_again() {
    let receiver = receiver();
    let id = receive(&receiver, &opened(1)).unwrap().id;
    receiver.forget(id);
    receiver.forget(id);
    assert_eq!(receive(&receiver, &opened(1)).unwrap().seen, Seen::First);
    assert_eq!(receive(&receiver, &opened(1)).unwrap().seen, Seen::Before);
}

#[test]
fn the_window_is_exact_to_the_second() {
    let guard = ReplayGuard::new(10, MINUTE);
    assert_eq!(guard.see(id(1), ago(60), NOW), Ok(Seen::First));
    assert_eq!(guard.see(id(2), ago(61), NOW), Err(Rejection::TooOld));
    assert_eq!(guard.see(id(2), ago(61), NOW), Err(Rejection::TooOld), "what is refused is not remembered");
    assert_eq!(guard.see(id(3), ago(-3600), NOW), Ok(Seen::First), "another's clock may be ahead");
    assert_eq!(guard.see(id(4), None, NOW), Ok(Seen::First));
    assert_eq!(guard.see(id(4), None, NOW), Ok(Seen::Before));
}

#[test]
fn what_is_remembered_is_never_too_old() {
    let guard = ReplayGuard::new(10, MINUTE);
    assert_eq!(guard.see(id(1), ago(0), NOW), Ok(Seen::First));
    assert_eq!(guard.see(id(1), ago(0), NOW.saturating_add(MINUTE * 100)), Ok(Seen::Before));
}

#[test]
fn the_oldest_are_forgotten_and_then_age_stands_in() {
    let guard = ReplayGuard::new(3, MINUTE);
    for number in 0..4 {
        assert_eq!(guard.see(id(number), ago(0), NOW), Ok(Seen::First));
    }
    let later = NOW.saturating_add(MINUTE * 2);
    for number in 1..4 {
        assert_eq!(guard.see(id(number), ago(0), later), Ok(Seen::Before), "{number} is among the last three");
    }
    assert_eq!(guard.see(id(0), ago(0), later), Err(Rejection::TooOld));
    assert_eq!(guard.see(id(0), ago(0), NOW), Ok(Seen::First), "within the window, and beyond the capacity");
}

#[test]
fn repetitions_take_no_room() {
    let guard = ReplayGuard::new(2, MINUTE);
    assert_eq!(guard.see(id(1), None, NOW), Ok(Seen::First));
    for _ in 0..100 {
        guard.see(id(2), None, NOW).unwrap();
    }
    assert_eq!(guard.see(id(1), None, NOW), Ok(Seen::Before));
}

#[test]
fn forgetting_leaves_the_order_whole() {
    let guard = ReplayGuard::new(2, MINUTE);
    for number in [1, 2] {
        guard.see(id(number), None, NOW).unwrap();
    }
    guard.forget(id(1));
    assert_eq!(guard.see(id(1), None, NOW), Ok(Seen::First)); // the younger, now
    assert_eq!(guard.see(id(3), None, NOW), Ok(Seen::First)); // in the place of 2
    assert_eq!(guard.see(id(1), None, NOW), Ok(Seen::Before));
    assert_eq!(guard.see(id(2), None, NOW), Ok(Seen::First));
}

#[test]
fn the_ends_of_capacity_and_time_do_not_panic() {
    let none = ReplayGuard::new(0, Duration::ZERO);
    assert_eq!(none.see(id(1), ago(0), NOW), Ok(Seen::First));
    assert_eq!(none.see(id(1), ago(0), NOW), Ok(Seen::First));
    let all = ReplayGuard::new(usize::MAX, Duration::MAX);
    assert_eq!(all.see(id(1), Some(Timestamp::from_second(i64::MIN)), NOW), Ok(Seen::First));
    assert_eq!(all.see(id(1), None, Timestamp::from_second(i64::MIN)), Ok(Seen::Before));
}

#[test]
fn a_day_is_the_default_and_the_clock_is_the_callers() {
    let day = 24 * 60 * 60;
    assert_eq!(receive(&receiver(), &opened(day)).unwrap().seen, Seen::First);
    assert_eq!(receive(&receiver(), &opened(day + 1)).unwrap_err(), Rejection::TooOld);
    let narrow = receiver().guard(ReplayGuard::new(8, MINUTE));
    assert_eq!(receive(&narrow, &opened(61)).unwrap_err(), Rejection::TooOld);
    let official = r#"{"event":"Email.Bounced","created_on":1799999000,"data":{}}"#;
    assert_eq!(receive(&narrow, official).unwrap_err(), Rejection::TooOld);
    let undated = r#"{"event":"Email.Bounced","data":{}}"#;
    assert_eq!(receive(&narrow, undated).unwrap().seen, Seen::First);
    assert_eq!(receive(&narrow, undated).unwrap().seen, Seen::Before);
}

#[test]
fn of_many_at_once_one_is_first() {
    const DELIVERIES: usize = 500;
    let guard = ReplayGuard::new(DELIVERIES, MINUTE);
    let first = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..DELIVERIES {
                    if guard.see(id(number), ago(0), NOW) == Ok(Seen::First) {
                        first.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(first.into_inner(), DELIVERIES);
}

#[test]
fn a_delivery_is_named_by_its_bytes() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(DeliveryId::of(b"").to_string(), empty);
    assert_eq!(format!("{:?}", DeliveryId::of(b"")), format!("DeliveryId({empty})"));
}

#[test]
fn a_receiver_can_be_shared() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Receiver>();
    shared::<ReplayGuard>();
}
