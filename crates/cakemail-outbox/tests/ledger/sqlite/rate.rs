//! The shared rate, with a clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cakemail_outbox::sqlite::SqliteLedger;
use cakemail_outbox::state::Rules;
use cakemail_outbox::{Ledger, Rate, Tick, Time};

use super::Sqlite;
use crate::cases::{email, tick};

const ROOM: u32 = 64;
const START: i64 = 1_800_000_000_000_000;

/// How many emails two workers submit in this time, whose slots are at the given rate.
async fn submitted(per_second: f64, duration: Duration, emails: usize) -> Vec<Time> {
    let database = Sqlite::new().await.unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    let mut workers = Vec::new();
    for _ in 0..2 {
        let clock = Arc::clone(&clock);
        let ledger = SqliteLedger::open(database.path()).await.unwrap();
        let ledger = ledger.clock(move || Time::from_micros(clock.load(Ordering::SeqCst)));
        ledger.migrate().await.unwrap();
        let lock = ledger.lock().await.unwrap();
        workers.push((ledger, lock));
    }
    let emails: Vec<_> = (0..emails).map(|number| email(&number.to_string())).collect();
    workers[0].0.enqueue(&emails).await.unwrap();
    let rate = Some(Rate { per_second, horizon: Duration::from_millis(250), was_limited: false });
    let rules = Rules::default();
    let mut slots = Vec::new();
    for turn in 0.. {
        let (ledger, lock) = &workers[turn % 2];
        let ticked = ledger.tick(Tick { room: ROOM, rate, ..tick(lock.owner(), &rules) }).await.unwrap();
        slots.extend(ticked.claimed.iter().map(|claimed| claimed.slot));
        let next = ticked.next_due.filter(|_| ticked.claimed.len() < ROOM as usize).unwrap_or(ticked.now);
        let next = next.max(ticked.now.after(Duration::from_micros(777)));
        if next >= Time::from_micros(START).after(duration) {
            break;
        }
        clock.store(next.as_micros(), Ordering::SeqCst);
    }
    slots.retain(|slot| *slot < Time::from_micros(START).after(duration));
    slots
}

#[tokio::test]
async fn workers_share_the_rate_exactly() {
    for (per_second, seconds, emails) in [(0.5, 600, 400), (2000.0, 1, 2500)] {
        let slots = submitted(per_second, Duration::from_secs(seconds), emails).await;
        let expected = per_second * seconds as f64;
        assert!((slots.len() as f64 - expected).abs() <= 1.0, "{per_second}: {}", slots.len());
        assert!(slots.is_sorted(), "{per_second}");
        let interval = Duration::from_secs_f64(1.0 / per_second) - Duration::from_micros(1);
        assert!(slots.windows(2).all(|pair| pair[1].since(pair[0]) >= interval), "{per_second}");
    }
}
