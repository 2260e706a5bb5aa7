//! Stores: in memory, and in a database that outlives a process and is shared between processes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cakemail_model::Timestamp;
use cakemail_webhook::{BoxError, Claim, DeliveryId, DeliveryState, DeliveryStore, MemoryStore, Receiver, Rejection};

use crate::{NOW, opened, post, receiver};

const LEASE: Duration = Duration::from_secs(300);

/// The table that the documentation of `DeliveryStore` describes: a token and `until`, which is null when done.
type Rows = HashMap<DeliveryId, (i64, Option<Timestamp>)>;

#[derive(Clone, Default)]
struct Database {
    rows: Arc<Mutex<Rows>>,
    failing: Arc<Mutex<Option<&'static str>>>,
}

impl Database {
    /// Makes a method fail: `begin` or `complete`, before or after its work.
    fn fail(&self, step: Option<&'static str>) {
        *self.failing.lock().unwrap() = step;
    }

    fn check(&self, step: &str) -> Result<(), BoxError> {
        if *self.failing.lock().unwrap() == Some(step) { Err("connection lost".into()) } else { Ok(()) }
    }

    fn len(&self) -> usize {
        self.rows.lock().unwrap().len()
    }
}

#[async_trait]
impl DeliveryStore for Database {
    async fn begin(&self, claim: Claim) -> Result<DeliveryState, BoxError> {
        self.check("before begin")?;
        let state = {
            let mut rows = self.rows.lock().unwrap();
            match rows.get(&claim.id) {
                Some((_, None)) => DeliveryState::Done,
                Some((_, Some(until))) if *until > claim.now => DeliveryState::InProgress,
                _ => {
                    rows.insert(claim.id, (claim.token, Some(claim.until)));
                    DeliveryState::New
                }
            }
        };
        self.check("after begin")?;
        Ok(state)
    }

    async fn complete(&self, claim: Claim) -> Result<(), BoxError> {
        self.check("before complete")?;
        self.rows.lock().unwrap().insert(claim.id, (claim.token, None));
        self.check("after complete")
    }

    fn forget(&self, claim: Claim) {
        let mut rows = self.rows.lock().unwrap();
        if matches!(rows.get(&claim.id), Some((token, Some(_))) if *token == claim.token) {
            rows.remove(&claim.id);
        }
    }
}

/// A receiver over the database, as each process has one.
fn process(database: &Database) -> Receiver {
    receiver().store(database.clone()).lease(LEASE)
}

fn claim(number: u8) -> Claim {
    Claim::new(DeliveryId::of(&[number]), NOW, NOW.saturating_add(LEASE))
}

#[tokio::test]
async fn every_store_follows_the_same_states() {
    let stores: [Arc<dyn DeliveryStore>; 2] = [Arc::new(MemoryStore::default()), Arc::new(Database::default())];
    for store in stores {
        let (one, other) = (claim(1), claim(1));
        assert_ne!(one.token, other.token);
        assert_eq!(store.begin(one).await.unwrap(), DeliveryState::New);
        assert_eq!(store.begin(other).await.unwrap(), DeliveryState::InProgress);
        store.forget(other);
        assert_eq!(store.begin(other).await.unwrap(), DeliveryState::InProgress, "another's claim is not forgotten");
        store.forget(one);
        store.forget(one);
        assert_eq!(store.begin(other).await.unwrap(), DeliveryState::New);
        store.complete(other).await.unwrap();
        store.complete(other).await.unwrap();
        for claim in [one, other] {
            store.forget(claim);
            assert_eq!(store.begin(claim).await.unwrap(), DeliveryState::Done, "what is done is not forgotten");
        }
        store.complete(claim(2)).await.unwrap();
        assert_eq!(store.begin(claim(2)).await.unwrap(), DeliveryState::Done, "even without a claim");
    }
}

#[tokio::test]
async fn two_processes_that_share_a_store_process_an_event_once() {
    let database = Database::default();
    let (one, other) = (process(&database), process(&database));
    let delivery = post(&one, &opened(0)).await.unwrap();
    assert!(matches!(post(&other, &opened(0)).await, Err(Rejection::InProgress)));
    delivery.done().await.unwrap();
    assert!(matches!(post(&other, &opened(0)).await, Err(Rejection::Duplicate)));
}

#[tokio::test]
async fn a_process_that_restarts_remembers_what_is_done() {
    let database = Database::default();
    post(&process(&database), &opened(0)).await.unwrap().done().await.unwrap();
    assert!(matches!(post(&process(&database), &opened(0)).await, Err(Rejection::Duplicate)));
}

#[tokio::test]
async fn a_delivery_of_a_process_that_died_is_handed_over_after_its_lease() {
    let (database, seconds) = (Database::default(), Arc::new(AtomicI64::new(0)));
    let clock = Arc::clone(&seconds);
    let restarted =
        process(&database).clock(move || Timestamp::from_second(NOW.as_second() + clock.load(Ordering::Relaxed)));
    std::mem::forget(post(&process(&database), &opened(0)).await.unwrap()); // no destructor runs
    for (after, expected) in [(0, false), (299, false), (300, true)] {
        seconds.store(after, Ordering::Relaxed);
        assert_eq!(post(&restarted, &opened(0)).await.is_ok(), expected, "after {after} s");
    }
}

#[tokio::test]
async fn a_handler_that_outlives_its_lease_cannot_undo_another_one() {
    let database = Database::default();
    let later = process(&database).clock(|| NOW.saturating_add(LEASE));
    let slow = post(&process(&database), &opened(0)).await.unwrap();
    let next = post(&later, &opened(0)).await.unwrap();
    drop(slow);
    assert!(matches!(post(&later, &opened(0)).await, Err(Rejection::InProgress)), "the next one's claim is kept");
    let slow = post(&process(&database), &opened(1)).await.unwrap();
    next.done().await.unwrap();
    post(&later, &opened(1)).await.unwrap().done().await.unwrap();
    drop(slow);
    assert!(matches!(post(&later, &opened(1)).await, Err(Rejection::Duplicate)), "what is done is kept");
}

#[tokio::test]
async fn nothing_is_acknowledged_when_the_store_fails() {
    // Whether the failing call had an effect, and whether the event is then handed over again.
    for (step, again) in
        [("before begin", true), ("after begin", true), ("before complete", true), ("after complete", false)]
    {
        let database = Database::default();
        let receiver = process(&database);
        database.fail(Some(step));
        let result = match post(&receiver, &opened(0)).await {
            Ok(delivery) => delivery.done().await,
            Err(rejection) => Err(rejection),
        };
        let rejection = result.expect_err(step);
        assert!(matches!(rejection, Rejection::Store(_)), "{step}");
        assert_eq!(rejection.status(), 503, "{step}");
        assert!(rejection.retry_after().is_some());
        assert_eq!(std::error::Error::source(&rejection).unwrap().to_string(), "connection lost");
        assert_eq!(rejection.to_string(), "the store of deliveries failed", "the sender is not told why");
        database.fail(None);
        match post(&receiver, &opened(0)).await {
            Ok(_) => assert!(again, "{step}"),
            Err(rejection) => assert!(!again && matches!(rejection, Rejection::Duplicate), "{step}: {rejection}"),
        }
        assert_eq!(database.len(), usize::from(!again), "{step}");
    }
}

#[tokio::test]
async fn forged_and_old_deliveries_leave_nothing_in_the_store() {
    let database = Database::default();
    let receiver = process(&database);
    let forged = receiver.receive([("x-signature", "bm8=")], opened(0).as_bytes()).await;
    assert!(matches!(forged, Err(Rejection::InvalidSignature)));
    assert!(matches!(post(&receiver, &opened(1_000_000)).await, Err(Rejection::TooOld { .. })));
    assert_eq!(database.len(), 0);
}

#[tokio::test]
async fn the_memory_store_evicts_the_oldest_delivery_that_is_done() {
    let store = MemoryStore::new(2);
    let in_progress = claim(0);
    assert_eq!(store.begin(in_progress).await.unwrap(), DeliveryState::New);
    for number in 1..=3 {
        store.complete(claim(number)).await.unwrap();
        store.complete(claim(number)).await.unwrap();
    }
    assert_eq!(store.begin(claim(0)).await.unwrap(), DeliveryState::InProgress, "what is in progress is never evicted");
    for (number, expected) in [(3, DeliveryState::Done), (2, DeliveryState::Done), (1, DeliveryState::New)] {
        assert_eq!(store.begin(claim(number)).await.unwrap(), expected, "{number}");
    }
    let none = MemoryStore::new(0);
    none.complete(claim(1)).await.unwrap();
    assert_eq!(none.begin(claim(1)).await.unwrap(), DeliveryState::New);
}
