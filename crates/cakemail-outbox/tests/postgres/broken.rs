//! Connections that break, and servers that crash.

use std::collections::HashMap;

use cakemail_outbox::postgres::PostgresLedger;
use cakemail_outbox::{Error, Ledger, OwnerLock};
use cakemail_postgres::Server;
use tokio::sync::watch;

use crate::support::{accepted, connect, emails, ledger, tick};

/// Ends all other sessions of the database, and waits for their ends.
async fn cut(url: &str) {
    let sql = "select pg_terminate_backend(pid, 10000) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()";
    connect(url).await.execute(sql, &[]).await.unwrap();
}

/// The lock of a new owner, as soon as the ledger is connected again.
async fn lock(ledger: &PostgresLedger) -> OwnerLock {
    loop {
        if let Ok(lock) = ledger.lock().await {
            return lock;
        }
    }
}

#[tokio::test]
async fn a_session_that_was_terminated_has_no_owner_and_what_it_claimed_can_be_completed() {
    let Some((ledger, url)) = ledger().await else { return };
    ledger.enqueue(&emails("order", 3)).await.unwrap();
    let old = ledger.lock().await.unwrap();
    let claimed = tick(&ledger, old.owner(), &[], 1).await.unwrap().claimed;
    cut(&url).await;
    while !matches!(tick(&ledger, old.owner(), &[], 1).await, Err(Error::OwnerLost)) {}
    let new = lock(&ledger).await;
    assert_ne!(new.owner(), old.owner());
    let ticked = tick(&ledger, new.owner(), &accepted(&claimed), 1).await.unwrap();
    assert_eq!((ticked.stale, ticked.claimed.len()), (0, 1));
    // The end of the old lock takes nothing from the new owner.
    drop(old);
    assert_eq!(tick(&ledger, new.owner(), &[], 1).await.unwrap().claimed.len(), 1);
}

#[tokio::test]
async fn an_acceptance_is_stored_without_the_lock_of_the_claim() {
    let Some((ledger, url)) = ledger().await else { return };
    ledger.enqueue(&emails("order", 1)).await.unwrap();
    let old = ledger.lock().await.unwrap();
    let claimed = tick(&ledger, old.owner(), &[], 1).await.unwrap().claimed;
    cut(&url).await;
    while tick(&ledger, old.owner(), &accepted(&claimed), 0).await.is_err() {}
    assert_eq!(ledger.counts().await.unwrap().by_state["accepted"], 1);
}

#[tokio::test]
async fn a_release_waits_for_the_end_of_a_lost_session_which_may_still_commit() {
    let Some((ledger, url)) = ledger().await else { return };
    ledger.enqueue(&emails("order", 1)).await.unwrap();
    let old = ledger.lock().await.unwrap();
    tick(&ledger, old.owner(), &[], 1).await.unwrap();
    cut(&url).await;
    while ledger.lock().await.is_err() {}
    // As if the server had not noticed yet.
    let server = connect(&url).await;
    let lock = "select pg_advisory_lock('outbox_email'::regclass::oid::int, $1::bigint::int)";
    server.execute(lock, &[&old.owner().0]).await.unwrap();
    let end = async {
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
        while server.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {}
        server.batch_execute("select pg_advisory_unlock_all()").await.unwrap();
    };
    let (released, ()) = tokio::join!(ledger.release(old.owner(), &[]), end);
    assert_eq!(released.unwrap(), 1);
    assert_eq!(ledger.counts().await.unwrap().by_state["queued"], 1);
}

/// A worker drains while all connections are cut again and again, at any point of a tick. What it accepted is stored, and
/// no email is claimed for submission twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_in_the_middle_of_ticks_lose_and_repeat_nothing() {
    let Some((ledger, url)) = ledger().await else { return };
    ledger.enqueue(&emails("order", 300)).await.unwrap();
    let (begun, mut ticks) = watch::channel(());
    let breaker = async {
        let mut cuts = 0;
        while begin(&mut ticks, fastrand::usize(1..6)).await {
            cut(&url).await;
            cuts += 1;
        }
        assert!(cuts > 0);
    };
    tokio::join!(breaker, drain_all(&ledger, 300, begun));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_in_the_middle_of_ticks_loses_and_repeats_nothing() {
    let Some(server) = Server::start(&["fsync=off"]).unwrap() else {
        return println!("not run: PostgreSQL is not installed");
    };
    let Some(local) = server.local() else { return println!("not run: the server cannot be restarted") };
    let ledger = PostgresLedger::connect(&server.database().await.unwrap()).await.unwrap();
    ledger.enqueue(&emails("order", 600)).await.unwrap();
    let (begun, mut ticks) = watch::channel(());
    let crashes = async {
        for _ in 0..3 {
            assert!(begin(&mut ticks, fastrand::usize(2..12)).await);
            tokio::task::block_in_place(|| local.crash()).unwrap();
        }
    };
    tokio::join!(crashes, drain_all(&ledger, 600, begun));
}

/// Waits until this number of ticks have begun. Returns `false` if everything was drained before.
async fn begin(ticks: &mut watch::Receiver<()>, count: usize) -> bool {
    for _ in 0..count {
        if ticks.changed().await.is_err() {
            return false;
        }
    }
    true
}

/// Submits each claim and stores what it came to, as a worker does, until nothing is left. Says when a tick begins.
async fn drain_all(ledger: &PostgresLedger, count: usize, begun: watch::Sender<()>) {
    let mut submitted: HashMap<String, u32> = HashMap::new();
    let (mut owner, mut completed) = (lock(ledger).await, Vec::new());
    while submitted.len() < count || !completed.is_empty() {
        begun.send_replace(());
        match tick(ledger, owner.owner(), &completed, 8).await {
            Ok(ticked) => {
                for claimed in &ticked.claimed {
                    *submitted.entry(claimed.record.key.tag().to_owned()).or_default() += 1;
                }
                completed = accepted(&ticked.claimed);
            }
            // Nobody knows whether it committed: what it claimed is given back.
            Err(_) => {
                let rows: Vec<i64> = completed.iter().map(|completion| completion.record.id).collect();
                while ledger.release(owner.owner(), &rows).await.is_err() {}
                owner = lock(ledger).await;
            }
        }
    }
    let counts = loop {
        if let Ok(counts) = ledger.counts().await {
            break counts;
        }
    };
    assert_eq!(counts.by_state["accepted"], count as u64, "{counts:?}");
    assert!(submitted.values().all(|times| *times == 1), "{submitted:?}");
}
