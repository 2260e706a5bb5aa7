//! Measures the ledger in PostgreSQL on this machine, with a server of its own and durable commits:
//! `cargo run -p cakemail-outbox --example measure-postgres --features postgres -- 1000000`. The number is how many emails
//! wait at most.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, ListId};
use cakemail_outbox::postgres::PostgresLedger;
use cakemail_outbox::state::{Event, Remote, Rules};
use cakemail_outbox::{Claimed, Completion, Insert, Ledger, OutboxEmail, Owner, Tick};
use cakemail_postgres::Server;
use tokio_postgres::{Client, NoTls};

const ROOM: u32 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let most: u64 = std::env::args().nth(1).map_or(100_000, |most| most.parse().unwrap());
    let Some(server) = Server::start(&["shared_buffers=1GB", "max_wal_size=4GB"]).unwrap() else {
        return println!("PostgreSQL is not installed");
    };
    let url = server.database().await.unwrap();
    let ledger = PostgresLedger::connect(&url).await.unwrap();
    let sql = connect(&url).await;
    println!("PostgreSQL {}, fsync {}", setting(&sql, "server_version").await, setting(&sql, "fsync").await);
    enqueue(&ledger).await;
    claim_at(&ledger, &sql, 1_000).await;
    claim_at(&ledger, &sql, most).await;
    drain(&ledger, &sql, 273_000.min(most)).await;
    let lock = ledger.lock().await.unwrap();
    claims(&ledger, lock.owner(), "1,000 wait, just drained").await;
    let snapshot = connect(&url).await;
    snapshot.batch_execute("begin isolation level repeatable read; select 1 from outbox_email limit 1").await.unwrap();
    drain(&ledger, &sql, 50_000).await;
    claims(&ledger, lock.owner(), "1,000 wait, drained under an old snapshot").await;
    drop(snapshot);
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn setting(sql: &Client, name: &str) -> String {
    sql.query_one(&format!("show {name}"), &[]).await.unwrap().get(0)
}

fn emails(prefix: &str, count: usize) -> Vec<OutboxEmail> {
    let content = Content::text("Your receipt", "x".repeat(850));
    let email = NewEmail::transactional("42", ListId::new(7), "ada@example.com", content);
    let key = |index| IdempotencyKey::new(&format!("{prefix}-{index}")).unwrap();
    (0..count).map(|index| OutboxEmail::new(key(index), email.clone())).collect()
}

async fn enqueue(ledger: &PostgresLedger) {
    for (connections, batch, count) in [(1, 1, 2_000), (8, 1, 8_000), (1, 100, 20_000), (1, 1_000, 50_000)] {
        let emails = emails(&format!("e-{connections}-{batch}"), count);
        let begin = Instant::now();
        let share = |chunk: Vec<OutboxEmail>| async move {
            for batch in chunk.chunks(batch) {
                ledger.enqueue(batch).await.unwrap();
            }
        };
        let shares = emails.chunks(count / connections).map(|chunk| share(chunk.to_vec()));
        futures_util::future::join_all(shares).await;
        let per_second = count as f64 / begin.elapsed().as_secs_f64();
        println!("enqueue {batch} in a transaction, {connections} connections: {per_second:.0}/s");
    }
}

/// Fills an empty table up to this many emails, due one after the other.
async fn fill(sql: &Client, count: u64) {
    let Insert { payload, digest, .. } = Insert::new(&emails("fill", 1)[0]).unwrap();
    let statement = "insert into outbox_email (key, payload, digest, due_at)
        select 'key-' || md5(random()::text || n), $1, $2, n from generate_series(1, $3::bigint) n";
    sql.execute(statement, &[&payload, &digest, &count.cast_signed()]).await.unwrap();
}

async fn claim_at(ledger: &PostgresLedger, sql: &Client, count: u64) {
    sql.batch_execute("truncate outbox_email").await.unwrap();
    fill(sql, count).await;
    sql.batch_execute("vacuum analyze outbox_email").await.unwrap();
    let lock = ledger.lock().await.unwrap();
    claims(ledger, lock.owner(), &format!("{count} wait")).await;
}

/// Drains this many emails and leaves 1,000.
async fn drain(ledger: &PostgresLedger, sql: &Client, count: u64) {
    sql.batch_execute("delete from outbox_email").await.unwrap();
    fill(sql, count + 1_000).await;
    let lock = ledger.lock().await.unwrap();
    let transactions = "select xact_commit from pg_stat_database where datname = current_database()";
    let transactions = async || -> i64 {
        sql.batch_execute("select pg_stat_force_next_flush()").await.unwrap();
        sql.query_one(transactions, &[]).await.unwrap().get(0)
    };
    let (begin, before) = (Instant::now(), transactions().await);
    let (mut completed, mut sent) = (Vec::new(), 0);
    while sent < count {
        let claimed = tick(ledger, lock.owner(), &completed, ROOM).await;
        sent += claimed.len() as u64;
        completed = accepted(&claimed);
    }
    tick(ledger, lock.owner(), &completed, 0).await;
    let (elapsed, after) = (begin.elapsed(), transactions().await);
    let (per_second, micros) = (sent as f64 / elapsed.as_secs_f64(), elapsed.as_micros() as f64 / sent as f64);
    let each = (after - before) as f64 / sent as f64;
    println!("drain of {sent}: {per_second:.0}/s, {micros:.0} µs and {each:.3} transactions for each email");
}

/// The times of claims. The least one depends least on what else runs on the machine.
async fn claims(ledger: &PostgresLedger, owner: Owner, what: &str) {
    let mut times = Vec::new();
    for _ in 0..14 {
        let begin = Instant::now();
        let claimed = tick(ledger, owner, &[], ROOM).await;
        times.push(begin.elapsed());
        assert_eq!(claimed.len(), ROOM as usize);
        tick(ledger, owner, &accepted(&claimed), 0).await;
    }
    let first = times[0];
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (least, median) = (ms(times[0]), ms(times[times.len() / 2]));
    println!("claim of {ROOM}, {what}: first {:.1} ms, least {least:.1} ms, median {median:.1} ms", ms(first));
}

async fn tick(ledger: &PostgresLedger, owner: Owner, completed: &[Completion], room: u32) -> Vec<Claimed> {
    let rules = Rules::default();
    let tick = Tick { owner, completed, room, room_for_looks: room, rate: None, rules: &rules, is_told: false };
    ledger.tick(tick).await.unwrap().claimed
}

fn accepted(claimed: &[Claimed]) -> Vec<Completion> {
    let event = Event::Accepted(Remote::new(None));
    claimed.iter().map(|claimed| Completion { record: claimed.record.clone(), event: event.clone() }).collect()
}
