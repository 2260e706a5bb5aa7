//! A delivery is handed over until it is done.

use std::future::pending;
use std::panic::AssertUnwindSafe;

use cakemail_webhook::{DeliveryId, MemoryStore, Receiver, Rejection};
use futures_util::FutureExt;
use tokio::task::JoinSet;

use crate::{opened, post, receiver};

#[tokio::test]
async fn a_delivery_that_is_done_is_not_handed_over_again() {
    let receiver = receiver();
    let delivery = post(&receiver, &opened(1)).await.unwrap();
    assert_eq!(delivery.id(), DeliveryId::of(opened(1).as_bytes()));
    delivery.done().await.unwrap();
    for receiver in [&receiver, &receiver.clone()] {
        let duplicate = post(receiver, &opened(1)).await.unwrap_err();
        assert!(matches!(duplicate, Rejection::Duplicate));
        assert_eq!((duplicate.status(), duplicate.retry_after()), (200, None));
    }
    post(&receiver, &opened(2)).await.unwrap().done().await.unwrap();
}

/// How a handler can end without having processed the event.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Fails,
    Panics,
    Cancelled,
}

async fn handle(receiver: &Receiver, ending: Ending) -> Result<(), Rejection> {
    let delivery = post(receiver, &opened(0)).await?;
    match ending {
        Ending::Fails => return Err(Rejection::failed("no disk")),
        Ending::Panics => panic!("the handler panics"),
        Ending::Cancelled => pending().await,
    }
    delivery.done().await
}

#[tokio::test]
async fn a_delivery_whose_handler_fails_panics_or_is_cancelled_is_handed_over_again() {
    let receiver = receiver();
    for ending in [Ending::Fails, Ending::Panics, Ending::Cancelled] {
        let handler = AssertUnwindSafe(handle(&receiver, ending)).catch_unwind();
        match (ending, handler.now_or_never()) {
            (Ending::Fails, Some(Ok(Err(rejection)))) => {
                assert_eq!((rejection.status(), rejection.retry_after()), (500, None));
            }
            (Ending::Panics, Some(Err(_))) | (Ending::Cancelled, None) => {}
            (ending, result) => panic!("{ending:?}: {result:?}"),
        }
        drop(post(&receiver, &opened(0)).await.unwrap());
    }
    post(&receiver, &opened(0)).await.unwrap().done().await.unwrap();
    assert!(matches!(post(&receiver, &opened(0)).await, Err(Rejection::Duplicate)));
}

#[tokio::test]
async fn a_duplicate_of_a_delivery_in_progress_is_to_be_sent_again() {
    let receiver = receiver();
    let first = post(&receiver, &opened(0)).await.unwrap();
    for _ in 0..2 {
        let duplicate = post(&receiver, &opened(0)).await.unwrap_err();
        assert!(matches!(duplicate, Rejection::InProgress));
        assert_eq!(duplicate.status(), 503, "the first can still fail");
        assert!(duplicate.retry_after().is_some());
    }
    first.done().await.unwrap();
    assert!(matches!(post(&receiver, &opened(0)).await, Err(Rejection::Duplicate)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_concurrent_deliveries_of_a_body_one_is_handed_over() {
    const DELIVERIES: usize = 200;
    let receiver = receiver().store(MemoryStore::new(DELIVERIES));
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let receiver = receiver.clone();
        tasks.spawn(async move {
            let mut handed_over = 0;
            for number in 0..DELIVERIES {
                if let Ok(delivery) = post(&receiver, &opened(number.try_into().unwrap())).await {
                    handed_over += 1;
                    delivery.done().await.unwrap();
                }
            }
            handed_over
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), DELIVERIES);
}

#[test]
fn a_delivery_id_is_the_sha_256_of_the_body() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(DeliveryId::of(b"").to_string(), empty);
    assert_eq!(format!("{:?}", DeliveryId::of(b"")), format!("DeliveryId({empty})"));
    assert_eq!(DeliveryId::of(b"").as_bytes()[..2], [0xe3, 0xb0]);
}

#[test]
fn receiving_is_send() {
    fn shared<T: Send + Sync + 'static>() {}
    fn sent<T: Send>(_: T) {}
    shared::<Receiver>();
    let receiver = receiver();
    sent(async move {
        let delivery = receiver.receive(&http::HeaderMap::new(), b"").await?;
        delivery.done().await
    });
}
