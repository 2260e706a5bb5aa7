//! Measures the ledger in SQLite: `cargo run --release -p cakemail-outbox --features sqlite --example ledger`.
//!
//! The first argument is the number of emails that wait for the last measurements, the second one the folder of the
//! database.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, EmailId, ListId};
use cakemail_outbox::sqlite::SqliteLedger;
use cakemail_outbox::state::{Event, Remote, Rules};
use cakemail_outbox::{Claimed, Completion, Ledger, OutboxEmail, Owner, Tick};

fn emails(prefix: &str, count: usize) -> Vec<OutboxEmail> {
    let text = "x".repeat(850); // a payload of 1 KiB
    let email = |index| {
        let content = Content::text("Your receipt", &*text);
        let email = NewEmail::transactional("42", ListId::new(7), "ada@example.com", content);
        OutboxEmail::new(IdempotencyKey::new(&format!("{prefix}-{index}")).unwrap(), email)
    };
    (0..count).map(email).collect()
}

/// Enqueues in batches, each of which is one call, with this many calls at once.
async fn enqueue(ledger: &SqliteLedger, prefix: &str, count: usize, batch: usize, at_once: usize) {
    let emails = emails(prefix, count);
    let start = Instant::now();
    let share = |number: usize| {
        let batches: Vec<_> = emails.chunks(batch).skip(number).step_by(at_once).collect();
        async move {
            for batch in batches {
                ledger.enqueue(batch).await.unwrap();
            }
        }
    };
    futures_util::future::join_all((0..at_once).map(share)).await;
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("enqueue in batches of {batch}, {at_once} at once: {rate:.0} emails/s");
}

async fn tick(ledger: &SqliteLedger, owner: Owner, completed: &[Completion], room: u32) -> Vec<Claimed> {
    let rules = Rules::default();
    let tick = Tick { owner, completed, room, room_for_looks: room, rate: None, rules: &rules, is_told: false };
    ledger.tick(tick).await.unwrap().claimed
}

fn completions(claimed: &[Claimed], event: &Event) -> Vec<Completion> {
    claimed.iter().map(|claimed| Completion { record: claimed.record.clone(), event: event.clone() }).collect()
}

/// The median time to claim 64 emails, which are given back each time.
async fn claim(ledger: &SqliteLedger, owner: Owner, waiting: usize) {
    let mut times = Vec::new();
    for _ in 0..51 {
        let start = Instant::now();
        let claimed = tick(ledger, owner, &[], 64).await;
        times.push(start.elapsed());
        assert_eq!(claimed.len(), 64);
        tick(ledger, owner, &completions(&claimed, &Event::Released), 0).await;
    }
    times.sort();
    println!("claim of 64, {waiting} waiting: {:?}, 95 %: {:?}", times[25], times[48]);
}

/// Claims and completes, 64 emails in each tick.
async fn drain(ledger: &SqliteLedger, owner: Owner, count: usize) {
    let (start, cpu) = (Instant::now(), cpu_time());
    let (mut completed, mut drained) = (Vec::new(), 0);
    while drained < count {
        let claimed = tick(ledger, owner, &completed, 64).await;
        drained += claimed.len();
        completed = completions(&claimed, &Event::Accepted(Remote::new(EmailId::from("0199-e"))));
        if claimed.is_empty() {
            break;
        }
    }
    tick(ledger, owner, &completed, 0).await;
    let (elapsed, cpu) = (start.elapsed(), cpu_time().saturating_sub(cpu));
    let per_email = cpu.as_secs_f64() * 1e6 / drained as f64;
    println!(
        "drain of {drained}: {:.0} emails/s, {per_email:.0} us of CPU each",
        drained as f64 / elapsed.as_secs_f64()
    );
}

/// The process's time on a CPU, where Linux tells it.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let waiting = arguments.next().map_or(1_000_000, |count| count.parse().unwrap());
    let folder = match arguments.next() {
        Some(folder) => tempfile::tempdir_in(folder).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let ledger = SqliteLedger::open(folder.path().join("outbox.db")).await.unwrap();
    ledger.migrate().await.unwrap();
    let lock = ledger.lock().await.unwrap();
    let owner = lock.owner();
    enqueue(&ledger, "small", 1000, 1000, 1).await;
    claim(&ledger, owner, 1000).await;
    enqueue(&ledger, "single", 10_000, 1, 1).await;
    enqueue(&ledger, "group", 20_000, 1, 64).await;
    enqueue(&ledger, "hundred", 50_000, 100, 1).await;
    enqueue(&ledger, "thousand", 100_000, 1000, 1).await;
    drain(&ledger, owner, 181_000).await;
    println!("fill");
    enqueue(&ledger, "many", waiting, 1000, 1).await;
    claim(&ledger, owner, waiting).await;
    drain(&ledger, owner, waiting * 273 / 1000).await;
    claim(&ledger, owner, waiting - waiting * 273 / 1000).await;
    let start = Instant::now();
    ledger.counts().await.unwrap();
    println!("counts: {:?}", start.elapsed());
    let start = Instant::now();
    let removed = ledger.prune(Duration::ZERO, 500).await.unwrap();
    println!("prune of {removed}: {:?}", start.elapsed());
}
