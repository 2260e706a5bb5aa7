//! Ticks of many workers, and what happens to them when connections break.

use std::collections::HashSet;

use cakemail_outbox::Ledger;
use cakemail_outbox::state::State;

use crate::support::{accepted, emails, ledger, tick};

#[tokio::test]
async fn a_batch_is_claimed_completed_and_counted() {
    let Some((ledger, _)) = ledger().await else { return };
    ledger.enqueue(&emails("order", 100)).await.unwrap();
    let lock = ledger.lock().await.unwrap();
    let first = tick(&ledger, lock.owner(), &[], 64).await.unwrap();
    assert_eq!((first.claimed.len(), first.stale, first.next_due), (64, 0, None));
    let second = tick(&ledger, lock.owner(), &accepted(&first.claimed), 64).await.unwrap();
    assert_eq!((second.claimed.len(), second.stale), (36, 0));
    let ids: HashSet<i64> = first.claimed.iter().chain(&second.claimed).map(|claimed| claimed.record.id).collect();
    assert_eq!(ids.len(), 100);
    let third = tick(&ledger, lock.owner(), &accepted(&first.claimed), 0).await.unwrap();
    assert_eq!((third.claimed.len(), third.stale), (0, 64));
    let counts = ledger.counts().await.unwrap();
    assert_eq!((counts.by_state["accepted"], counts.by_state["dispatching"]), (64, 36));
    assert_eq!(counts.accepted_last_minute, 64);
    let record = ledger.get(&emails("order", 1)[0].key).await.unwrap().unwrap();
    assert!(matches!(record.progress.state, State::Accepted(_)), "{record:?}");
}
