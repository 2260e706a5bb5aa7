//! Claims.

use std::collections::HashSet;
use std::time::Duration;

use cakemail_outbox::state::{State, Step};
use cakemail_outbox::{Error, Lane, Rate};

use super::*;
use crate::Database;

pub async fn emails_are_claimed_in_the_order_of_lanes_and_times(database: &dyn Database) {
    let ledger = database.open().await;
    let emails = [
        email("marketing-early").lane(Lane::Marketing).send_at(at(-90)),
        email("late").send_at(at(-30)),
        email("early").send_at(at(-60)),
        email("marketing-late").lane(Lane::Marketing).send_at(at(-80)),
    ];
    ledger.enqueue(&emails).await.unwrap();
    let lock = ledger.lock().await.unwrap();
    let first = claim(&*ledger, lock.owner(), 3, &Rules::default()).await.claimed;
    assert_eq!(keys(&first), ["early", "late", "marketing-early"]);
    assert_eq!(first[0].payload, cakemail_outbox::payload::encode(&emails[2]).unwrap());
    assert_eq!(first[0].record, ledger.get(&key("early")).await.unwrap().unwrap());
    assert!(matches!(first[0].record.progress.state, State::Dispatching { step: Step::Submit, .. }));
    let second = claim(&*ledger, lock.owner(), 3, &Rules::default()).await;
    assert_eq!((keys(&second.claimed), second.next_due.is_some()), (vec!["marketing-late"], true));
}

pub async fn a_scheduled_email_is_not_claimed_before_its_time(database: &dyn Database) {
    let ledger = database.open().await;
    let send_at = at(3600);
    ledger.enqueue(&[email("scheduled").send_at(send_at)]).await.unwrap();
    let lock = ledger.lock().await.unwrap();
    let ticked = claim(&*ledger, lock.owner(), 10, &Rules::default()).await;
    assert_eq!((ticked.claimed.len(), ticked.next_due), (0, Some(send_at)));
    let early = ledger.claim(lock.owner(), &key("scheduled"), &Rules::default()).await.unwrap();
    assert!(early.is_none());
}

pub async fn looks_come_first_within_their_room(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["1", "2", "3"]).await;
    let lock = ledger.lock().await.unwrap();
    for claimed in claim(&*ledger, lock.owner(), 3, &instant()).await.claimed {
        complete(&*ledger, lock.owner(), &claimed, lost()).await;
    }
    ledger.enqueue(&[email("4").send_at(at(-60)), email("5").send_at(at(-50))]).await.unwrap();
    // Another worker: one that has claimed may see emails of the past a second later.
    let ledger = database.open().await;
    let lock = ledger.lock().await.unwrap();
    let rules = instant();
    let bounded = Tick { room: 4, room_for_looks: 2, ..tick(lock.owner(), &rules) };
    let ticked = ledger.tick(bounded).await.unwrap();
    assert_eq!(keys(&ticked.claimed), ["1", "2", "4", "5"]);
    assert!(matches!(ticked.claimed[0].record.progress.state, State::Dispatching { step: Step::Look, .. }));
}

pub async fn an_email_has_one_claim_however_many_owners_ask_at_once(database: &dyn Database) {
    let ledger = database.open().await;
    let names: Vec<_> = (0..200).map(|number| number.to_string()).collect();
    enqueue(&*ledger, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut workers = Vec::new();
    for _ in 0..4 {
        let ledger = database.open().await;
        workers.push(tokio::spawn(async move {
            let lock = ledger.lock().await.unwrap();
            let mut claimed = Vec::new();
            loop {
                let some = claim(&*ledger, lock.owner(), 7, &Rules::default()).await.claimed;
                if some.is_empty() {
                    return (claimed, lock);
                }
                claimed.extend(some.into_iter().map(|claimed| claimed.record.id));
            }
        }));
    }
    let (mut all, mut locks) = (Vec::new(), Vec::new());
    for worker in workers {
        let (claimed, lock) = worker.await.unwrap();
        all.extend(claimed);
        locks.push(lock);
    }
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (200, 200));
}

pub async fn a_claim_of_a_running_owner_is_kept_after_its_lease(database: &dyn Database) {
    let (stopped, other) = (database.open().await, database.open().await);
    enqueue(&*stopped, &["1"]).await;
    let (lock, other_lock) = (stopped.lock().await.unwrap(), other.lock().await.unwrap());
    assert_ne!(lock.owner(), other_lock.owner());
    assert_eq!(claim(&*stopped, lock.owner(), 1, &instant()).await.claimed.len(), 1);
    assert_eq!(claim(&*other, other_lock.owner(), 1, &instant()).await.claimed.len(), 0);
    assert!(other.claim(other_lock.owner(), &key("1"), &instant()).await.unwrap().is_none());
}

pub async fn a_claim_of_an_owner_that_ended_is_taken_after_its_lease_and_looked_up(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["short", "long"]).await;
    let (ended, lock) = (ledger.lock().await.unwrap(), ledger.lock().await.unwrap());
    let owner = ended.owner();
    ledger.claim(owner, &key("short"), &instant()).await.unwrap().unwrap();
    ledger.claim(owner, &key("long"), &Rules::default()).await.unwrap().unwrap();
    drop(ended);
    let claimed = claim(&*ledger, lock.owner(), 10, &instant()).await.claimed;
    assert_eq!(keys(&claimed), ["short"]);
    assert!(matches!(claimed[0].record.progress.state, State::Dispatching { step: Step::Look, .. }));
    assert!(claimed[0].record.progress.doubt.is_some());
}

pub async fn rows_that_are_held_do_not_stop_those_behind_them(database: &dyn Database) {
    let ledger = database.open().await;
    let held: Vec<_> = (0..80).map(|number| number.to_string()).collect();
    enqueue(&*ledger, &held.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (stopped, lock) = (ledger.lock().await.unwrap(), ledger.lock().await.unwrap());
    assert_eq!(claim(&*ledger, stopped.owner(), 80, &instant()).await.claimed.len(), 80);
    enqueue(&*ledger, &["behind"]).await;
    let behind = claim(&*ledger, lock.owner(), 1, &instant()).await.claimed;
    complete(&*ledger, lock.owner(), &behind[0], lost()).await;
    let ticked = claim(&*ledger, lock.owner(), 1, &instant()).await;
    assert_eq!(keys(&ticked.claimed), ["behind"]);
    let idle = claim(&*ledger, lock.owner(), 1, &instant()).await;
    assert!(idle.next_due.is_none_or(|due| due > idle.now), "a worker would ask again at once: {idle:?}");
}

pub async fn an_owner_without_its_lock_claims_nothing(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["1"]).await;
    let lock = ledger.lock().await.unwrap();
    let owner = lock.owner();
    drop(lock);
    let rules = instant();
    for (room, room_for_looks) in [(1, 0), (0, 1)] {
        let error = ledger.tick(Tick { room, room_for_looks, ..tick(owner, &rules) }).await.unwrap_err();
        assert!(matches!(error, Error::OwnerLost), "{error}");
    }
    assert!(matches!(ledger.claim(owner, &key("1"), &rules).await, Err(Error::OwnerLost)));
    assert_eq!(state(&*ledger, "1").await, "queued");
}

pub async fn an_expired_email_is_not_claimed(database: &dyn Database) {
    let ledger = database.open().await;
    ledger.enqueue(&[email("1").expires_at(at(-1)), email("2").expires_at(at(-1)), email("3")]).await.unwrap();
    let lock = ledger.lock().await.unwrap();
    assert!(ledger.claim(lock.owner(), &key("2"), &Rules::default()).await.unwrap().is_none());
    let claimed = claim(&*ledger, lock.owner(), 2, &Rules::default()).await.claimed;
    assert_eq!(keys(&claimed), ["3"]);
    assert_eq!((state(&*ledger, "1").await, state(&*ledger, "2").await), ("expired", "expired"));
}

pub async fn one_email_is_claimed_by_its_key(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["1", "2"]).await;
    let lock = ledger.lock().await.unwrap();
    let claimed = ledger.claim(lock.owner(), &key("2"), &Rules::default()).await.unwrap().unwrap();
    assert_eq!(keys(std::slice::from_ref(&claimed)), ["2"]);
    assert_eq!(claimed.payload, ledger.payload(&key("2")).await.unwrap().unwrap());
    for name in ["2", "3"] {
        assert!(ledger.claim(lock.owner(), &key(name), &Rules::default()).await.unwrap().is_none(), "{name}");
    }
    assert_eq!((state(&*ledger, "1").await, state(&*ledger, "2").await), ("queued", "dispatching"));
}

pub async fn a_pause_holds_submissions_back_but_no_looks(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["1", "2"]).await;
    let lock = ledger.lock().await.unwrap();
    let claimed = claim(&*ledger, lock.owner(), 1, &instant()).await.claimed;
    complete(&*ledger, lock.owner(), &claimed[0], lost()).await;
    ledger.pause(Duration::from_secs(3600)).await.unwrap();
    ledger.pause(Duration::from_secs(1)).await.unwrap();
    let other = database.open().await;
    let other_lock = other.lock().await.unwrap();
    let ticked = claim(&*other, other_lock.owner(), 10, &instant()).await;
    assert_eq!(keys(&ticked.claimed), ["1"]);
    assert!(ticked.next_due > Some(at(3000)), "{ticked:?}");
    let rate = Some(Rate { per_second: 100.0, horizon: Duration::from_secs(1), was_limited: false });
    let rules = instant();
    let limited = Tick { room: 10, rate, ..tick(lock.owner(), &rules) };
    assert_eq!(ledger.tick(limited).await.unwrap().claimed.len(), 0);
    let one = ledger.claim(lock.owner(), &key("2"), &instant()).await.unwrap().unwrap();
    assert!(one.slot > at(3000), "{one:?}");
}

pub async fn submissions_get_slots_and_no_more_than_the_rate_has(database: &dyn Database) {
    let ledger = database.open().await;
    let names: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    enqueue(&*ledger, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (lock, other) = (ledger.lock().await.unwrap(), ledger.lock().await.unwrap());
    // One slot each hundred seconds: none becomes free while the test runs.
    let rate = Some(Rate { per_second: 0.01, horizon: Duration::from_secs(1000), was_limited: false });
    let rules = Rules::default();
    let mut slots = Vec::new();
    for owner in [lock.owner(), other.owner(), lock.owner()] {
        let ticked = ledger.tick(Tick { room: 6, rate, ..tick(owner, &rules) }).await.unwrap();
        slots.extend(ticked.claimed.iter().map(|claimed| claimed.slot));
        if ticked.claimed.is_empty() {
            assert!(ticked.next_due > Some(at(50)), "{ticked:?}");
        }
    }
    assert_eq!(slots.len(), 11, "those until the horizon, and no more");
    let steps: Vec<_> = slots.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    assert!(steps.iter().all(|step| *step == Duration::from_secs(100)), "{steps:?}");
}
