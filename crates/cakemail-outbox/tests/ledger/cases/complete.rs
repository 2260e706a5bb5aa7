//! Completions.

use std::time::Duration;

use cakemail_model::EmailId;
use cakemail_outbox::state::{Remote, State};

use super::*;
use crate::Database;

fn accepted(id: &str) -> Event {
    Event::Accepted(Remote::new(EmailId::from(id)))
}

pub async fn every_outcome_is_stored(database: &dyn Database) {
    let ledger = database.open().await;
    let reason = || Reason::new("Refused", "the server refused it");
    let retry_after = Some(Duration::from_secs(600));
    let outcomes = [
        ("1", accepted("e-1"), "accepted"),
        ("2", Event::Refused(reason()), "refused"),
        ("3", Event::NotSent { reason: reason(), retry_after }, "queued"),
        ("4", lost(), "unknown"),
        ("5", Event::Released, "queued"),
    ];
    enqueue(&*ledger, &outcomes.each_ref().map(|(name, ..)| *name)).await;
    let lock = ledger.lock().await.unwrap();
    let claimed = claim(&*ledger, lock.owner(), 10, &Rules::default()).await.claimed;
    let completed: Vec<_> = std::iter::zip(&claimed, &outcomes)
        .map(|(claimed, (_, event, _))| Completion { record: claimed.record.clone(), event: event.clone() })
        .collect();
    let rules = Rules::default();
    let ticked = ledger.tick(Tick { completed: &completed, ..tick(lock.owner(), &rules) }).await.unwrap();
    assert_eq!(ticked.stale, 0);
    for (completion, (name, event, expected)) in std::iter::zip(&completed, &outcomes) {
        let stored = ledger.get(&key(name)).await.unwrap().unwrap();
        let expected_progress = completion.record.complete(completion.record.progress.epoch, event, &rules, ticked.now);
        assert_eq!(Some(&stored.progress), expected_progress.as_ref(), "{name}");
        assert_eq!((stored.progress.state.name(), stored.changed_at), (*expected, ticked.now), "{name}");
    }
    let record = ledger.get(&key("1")).await.unwrap().unwrap();
    assert_eq!(record.progress.state, State::Accepted(Remote::new(EmailId::from("e-1"))));
}

pub async fn a_completed_email_is_not_claimed_in_the_same_tick(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["1"]).await;
    let lock = ledger.lock().await.unwrap();
    let claimed = claim(&*ledger, lock.owner(), 1, &instant()).await.claimed.remove(0);
    let completed = [Completion { record: claimed.record, event: Event::Released }];
    let rules = instant();
    let both = Tick { completed: &completed, room: 1, room_for_looks: 1, ..tick(lock.owner(), &rules) };
    assert_eq!(ledger.tick(both).await.unwrap().claimed.len(), 0);
    assert_eq!(claim(&*ledger, lock.owner(), 1, &instant()).await.claimed.len(), 1);
}

/// An email that was claimed by an owner which ended, and then by another one: the first claim, and the other's owner.
async fn replaced(ledger: &dyn Ledger) -> (Claimed, Claimed, cakemail_outbox::OwnerLock) {
    enqueue(ledger, &["1"]).await;
    let (ended, lock) = (ledger.lock().await.unwrap(), ledger.lock().await.unwrap());
    let first = claim(ledger, ended.owner(), 1, &instant()).await.claimed.remove(0);
    drop(ended);
    let second = claim(ledger, lock.owner(), 1, &instant()).await.claimed.remove(0);
    (first, second, lock)
}

pub async fn a_completion_of_a_replaced_claim_changes_nothing(database: &dyn Database) {
    let ledger = database.open().await;
    let (first, second, lock) = replaced(&*ledger).await;
    let reason = Reason::new("Refused", "the server refused it");
    let not_sent = Event::NotSent { reason: reason.clone(), retry_after: None };
    for event in [Event::Refused(reason), not_sent, lost(), Event::Released] {
        assert_eq!(complete(&*ledger, lock.owner(), &first, event).await, 1);
        assert_eq!(ledger.get(&key("1")).await.unwrap().unwrap(), second.record);
    }
}

pub async fn a_late_acceptance_counts(database: &dyn Database) {
    let ledger = database.open().await;
    let (first, second, lock) = replaced(&*ledger).await;
    assert_eq!(complete(&*ledger, lock.owner(), &first, accepted("e-1")).await, 1);
    assert_eq!(state(&*ledger, "1").await, "accepted");
    let reason = Reason::new("Refused", "the server refused it");
    assert_eq!(complete(&*ledger, lock.owner(), &second, Event::Refused(reason)).await, 1);
    assert_eq!(state(&*ledger, "1").await, "accepted");
}

pub async fn a_late_acceptance_of_a_removed_email_changes_no_other(database: &dyn Database) {
    let ledger = database.open().await;
    let (first, second, lock) = replaced(&*ledger).await;
    complete(&*ledger, lock.owner(), &second, accepted("e-1")).await;
    assert_eq!(ledger.prune(Duration::ZERO, 10).await.unwrap(), 1);
    enqueue(&*ledger, &["2"]).await;
    assert_eq!(complete(&*ledger, lock.owner(), &first, accepted("e-1")).await, 1);
    assert_eq!(state(&*ledger, "2").await, "queued");
}

pub async fn a_repeated_completion_changes_nothing(database: &dyn Database) {
    let ledger = database.open().await;
    let reason = || Reason::new("Refused", "the server refused it");
    let not_sent = Event::NotSent { reason: reason(), retry_after: None };
    for (name, event) in [("1", accepted("e-1")), ("2", Event::Refused(reason())), ("3", not_sent), ("4", lost())] {
        enqueue(&*ledger, &[name]).await;
        let lock = ledger.lock().await.unwrap();
        let claimed = ledger.claim(lock.owner(), &key(name), &instant()).await.unwrap().unwrap();
        assert_eq!(complete(&*ledger, lock.owner(), &claimed, event.clone()).await, 0);
        let stored = ledger.get(&key(name)).await.unwrap().unwrap();
        assert_eq!(complete(&*ledger, lock.owner(), &claimed, event).await, 1);
        let again = ledger.get(&key(name)).await.unwrap().unwrap();
        assert_eq!(again.progress.state, stored.progress.state, "{name}");
        assert_eq!(again.progress.failures, stored.progress.failures, "{name}");
    }
}

pub async fn released_emails_are_claimed_again(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["1", "2", "3"]).await;
    let (lock, other) = (ledger.lock().await.unwrap(), ledger.lock().await.unwrap());
    let claimed = claim(&*ledger, lock.owner(), 2, &Rules::default()).await.claimed;
    claim(&*ledger, other.owner(), 1, &Rules::default()).await;
    assert_eq!(ledger.release(lock.owner(), &[claimed[0].record.id]).await.unwrap(), 1);
    assert_eq!(ledger.release(lock.owner(), &[claimed[0].record.id]).await.unwrap(), 0);
    let again = claim(&*ledger, lock.owner(), 10, &Rules::default()).await.claimed;
    assert_eq!(keys(&again), ["2"]);
    assert_eq!(again[0].record.progress.submissions, 1);
}

pub async fn ends_are_told_until_they_are_confirmed(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["quiet", "1", "2"]).await;
    let lock = ledger.lock().await.unwrap();
    let rules = Rules::default();
    let claimed = claim(&*ledger, lock.owner(), 3, &rules).await.claimed;
    complete(&*ledger, lock.owner(), &claimed[0], accepted("e-0")).await;
    let refused = Event::Refused(Reason::new("Refused", "the server refused it"));
    let completed = [
        Completion { record: claimed[1].record.clone(), event: accepted("e-1") },
        Completion { record: claimed[2].record.clone(), event: refused },
    ];
    let telling = Tick { completed: &completed, is_told: true, ..tick(lock.owner(), &rules) };
    ledger.tick(telling).await.unwrap();
    let untold = ledger.untold(Duration::ZERO, 0, 10).await.unwrap();
    assert_eq!(untold.iter().map(|record| record.key.clone()).collect::<Vec<_>>(), [key("1"), key("2")]);
    assert_eq!(ledger.untold(Duration::ZERO, 0, 1).await.unwrap(), untold[..1]);
    assert_eq!(ledger.untold(Duration::ZERO, untold[0].id, 10).await.unwrap(), untold[1..]);
    assert_eq!(ledger.untold(Duration::from_secs(3600), 0, 10).await.unwrap(), []);
    let mut outdated = untold[0].clone();
    outdated.progress.epoch -= 1;
    ledger.told(&[outdated]).await.unwrap();
    assert_eq!(database.open().await.untold(Duration::ZERO, 0, 10).await.unwrap(), untold);
    assert_eq!(ledger.prune(Duration::ZERO, 10).await.unwrap(), 1, "only the one that is not to be told");
    ledger.told(&untold).await.unwrap();
    assert_eq!(ledger.untold(Duration::ZERO, 0, 10).await.unwrap(), []);
}

pub async fn an_email_accepted_after_a_time_is_found(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["before", "1", "2", "doubted"]).await;
    let lock = ledger.lock().await.unwrap();
    let before = ledger.claim(lock.owner(), &key("before"), &instant()).await.unwrap().unwrap();
    let time = claim(&*ledger, lock.owner(), 0, &instant()).await.now;
    assert_eq!(ledger.accepted_after(time).await.unwrap(), None);
    complete(&*ledger, lock.owner(), &before, accepted("e-0")).await;
    assert_eq!(ledger.accepted_after(time).await.unwrap(), None, "it was claimed before");
    let doubted = ledger.claim(lock.owner(), &key("doubted"), &instant()).await.unwrap().unwrap();
    complete(&*ledger, lock.owner(), &doubted, lost()).await;
    let doubted = ledger.claim(lock.owner(), &key("doubted"), &instant()).await.unwrap().unwrap();
    complete(&*ledger, lock.owner(), &doubted, accepted("e-3")).await;
    assert_eq!(ledger.accepted_after(time).await.unwrap(), None, "it was accepted at an unknown time");
    for name in ["2", "1"] {
        let claimed = ledger.claim(lock.owner(), &key(name), &instant()).await.unwrap().unwrap();
        complete(&*ledger, lock.owner(), &claimed, accepted("e-1")).await;
    }
    assert_eq!(ledger.accepted_after(time).await.unwrap(), Some(key("2")));
    assert_eq!(ledger.accepted_after(at(3600)).await.unwrap(), None);
}
