//! Ticks of many workers.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cakemail_outbox::postgres::PostgresLedger;
use cakemail_outbox::state::{Decision, Rules, State};
use cakemail_outbox::{Error, Ledger, Rate, Tick};

use crate::support::{accepted, connect, emails, ledger, tick};

#[tokio::test]
async fn a_batch_is_claimed_completed_and_counted() {
    let Some((ledger, _)) = ledger().await else { return };
    ledger.enqueue(&emails("order", 100)).await.unwrap();
    let lock = ledger.lock().await.unwrap();
    let first = tick(&ledger, lock.owner(), &[], 64).await.unwrap();
    assert_eq!((first.claimed.len(), first.stale), (64, 0));
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

/// Workers whose claims end at once, so that they take over each other's all the time, and others who change the same rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_decisions_and_pruning_on_the_same_rows_do_not_deadlock() {
    let Some((ledger, url)) = ledger().await else { return };
    let emails = emails("order", 40);
    ledger.enqueue(&emails).await.unwrap();
    let work = async |url: String| {
        let ledger = PostgresLedger::connect(&url).await.unwrap();
        let mut rules = Rules::default();
        (rules.lease, rules.settle, rules.first_backoff) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        let rate = Some(Rate { per_second: 1e6, horizon: Duration::from_secs(1), was_limited: false });
        let mut old = Vec::new();
        for _ in 0..40 {
            // The lock ends here, so the next worker may take the claims.
            let owner = ledger.lock().await.unwrap();
            let mut completed = accepted(&old);
            completed.reverse();
            completed.truncate(5);
            let tick = Tick {
                owner: owner.owner(),
                completed: &completed,
                room: 20,
                room_for_looks: 20,
                rate,
                rules: &rules,
                is_told: false,
            };
            old.extend(ledger.tick(tick).await.unwrap().claimed);
            old.drain(..completed.len().min(old.len()));
        }
    };
    let decide = async {
        for email in emails.iter().cycle().take(200) {
            match ledger.decide(&email.key, &Decision::Resend, &Rules::default()).await {
                Ok(_) | Err(Error::NotAllowed(_) | Error::NotFound(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    };
    let prune = async {
        for _ in 0..50 {
            ledger.prune(Duration::ZERO, 3).await.unwrap();
            ledger.enqueue(&emails).await.unwrap();
        }
    };
    let workers = futures_util::future::join_all((0..8).map(|_| work(url.clone())));
    tokio::join!(workers, decide, prune);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    let client = connect(&url).await;
    assert_eq!(client.query_one(deadlocks, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_tick_that_is_dropped_at_any_point_leaves_no_lock_behind() {
    let Some((ledger, _)) = ledger().await else { return };
    ledger.enqueue(&emails("order", 10)).await.unwrap();
    let ledger = Arc::new(ledger);
    let lock = ledger.lock().await.unwrap();
    tick(&ledger, lock.owner(), &[], 1).await.unwrap();
    for polls in 0..6 {
        let mut future = std::pin::pin!(tick(&ledger, lock.owner(), &[], 1));
        let mut left = polls;
        // Each poll after the first one follows a wake, which is a response of the server.
        poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            future.as_mut().poll(context).map(drop)
        })
        .await;
    }
    // What the dropped ticks did not claim can be claimed at once.
    let other = ledger.lock().await.unwrap();
    let claimed = tick(&ledger, other.owner(), &[], 10).await.unwrap().claimed.len();
    let counts = ledger.counts().await.unwrap();
    assert_eq!((counts.by_state["dispatching"], counts.by_state.get("queued")), (10, None), "{claimed}");
}

#[tokio::test]
async fn outboxes_in_two_schemas_of_a_database_know_nothing_of_each_other() {
    let Some((_, url)) = ledger().await else { return };
    connect(&url).await.batch_execute("create schema a; create schema b").await.unwrap();
    let open = async |schema: &str| PostgresLedger::connect(&format!("{url}?options=-csearch_path%3D{schema}")).await;
    let (a, b) = (open("a").await.unwrap(), open("b").await.unwrap());
    a.enqueue(&emails("order", 3)).await.unwrap();
    b.enqueue(&emails("order", 2)).await.unwrap();
    // The first owner in each has the same number, so their locks would be the same.
    let (lock_a, lock_b) = (a.lock().await.unwrap(), b.lock().await.unwrap());
    assert_eq!(lock_a.owner(), lock_b.owner());
    let claimed = [tick(&a, lock_a.owner(), &[], 9).await, tick(&b, lock_b.owner(), &[], 9).await];
    assert_eq!(claimed.map(|ticked| ticked.unwrap().claimed.len()), [3, 2]);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let Some((_, url)) = ledger().await else { return };
    connect(&url).await.batch_execute("insert into outbox_migration (version) values (99)").await.unwrap();
    let error = PostgresLedger::connect(&url).await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 99, .. }), "{error:?}");
}
