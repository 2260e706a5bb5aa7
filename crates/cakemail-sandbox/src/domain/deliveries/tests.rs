//! The rules of webhook deliveries: when each is due, and how it ends.

use super::*;

fn delivery() -> Delivery {
    Delivery {
        id: Uuid::from_u128(1),
        webhook_id: "w".into(),
        event: "Email.Queued".into(),
        email_id: Uuid::from_u128(2),
        url: "http://127.0.0.1:9/".into(),
        planned: Time(0),
        state: DeliveryState::Pending,
        due: Time(0),
        order: 0,
        attempts: Vec::new(),
        tampered: false,
        header: SignatureHeader::default(),
        signature: String::new(),
        body: "{}".into(),
    }
}

fn webhook() -> Webhook {
    Webhook {
        id: "w".into(),
        event: "Email.Queued".into(),
        url: "http://127.0.0.1:9/".into(),
        rate_limit: 50,
        rate_limit_period: "second".into(),
        key: "key".into(),
        archived: None,
    }
}

#[test]
fn the_oldest_deliveries_are_dropped_beyond_the_limit() {
    let (mut deliveries, webhooks) = (Deliveries::default(), Table::from_iter([webhook()]));
    deliveries.add(delivery());
    let first = deliveries.iter().next().unwrap().id;
    let options = ReplayOptions { times: 10_100, delay_ms: 60_000, tamper: false };
    deliveries.replay(first, options, Time(0));

    // The first delivery has the number 1, its copies have those from 2.
    let copy = |n: u64| derived_id(first, n + 2);
    assert_eq!(deliveries.iter().count(), 10_000);
    assert!(deliveries.get(first).is_none() && deliveries.get(copy(99)).is_none());
    assert_eq!(deliveries.iter().next().unwrap().id, copy(100));
    assert_eq!(deliveries.next_due(&webhooks), Some(Time(60_000)));

    let one = deliveries.bytes() / 10_000;
    (0..9_999).for_each(|_| deliveries.drop_oldest());
    assert_eq!(deliveries.bytes(), one);
    assert_eq!(deliveries.take_due(1, &webhooks, Time(60_000)).unwrap().id, copy(10_099));
    deliveries.record_attempt(copy(10_099), Ok(200), Time(60_000), 1.0);
    assert!(deliveries.take_due(1, &webhooks, Time(60_000)).is_none(), "a dropped delivery is not sent");
}

#[test]
fn the_docs_list_the_delays() {
    let worded = BACKOFF.map(|seconds| match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    });
    let words = format!("again {} later", worded.join(", "));
    assert!(include_str!("../../lib.rs").contains(&words), "{words}");
}
