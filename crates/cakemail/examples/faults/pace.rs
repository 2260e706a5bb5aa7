//! A rate limit that nobody has told the client: found, kept to, and followed when it changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cakemail::sandbox::{Limit, Sandbox};
use cakemail::{BulkOptions, Client};
use futures_util::stream;
use tokio::time::Instant;

use crate::trial::{Anyhow, Desk, user};

/// A limit, for how long, and what of that time is for finding it.
const PHASES: [(f64, u64, u64); 3] = [(50.0, 30, 10), (100.0, 30, 10), (50.0, 30, 10)];

pub async fn run() -> Anyhow {
    let sandbox = Sandbox::start().await?;
    let client = Client::builder().base_url(sandbox.url()).credentials(user(&sandbox)).build()?;
    let desk = Desk::new(&client, &sandbox).await?;
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let emails = (0..).take_while(move |_| !ended.load(Ordering::Relaxed));
    let emails = emails.map(move |number: u64| (number, desk.email(&format!("r{number}@example.org"))));
    let mut outcomes = client.emails().send_all(stream::iter(emails), BulkOptions::new().in_flight(32));
    println!("| limit | seconds | accepted a second | of the limit | refused |\n| ---: | --- | ---: | ---: | ---: |");
    let mut missed = false;
    for (rate, seconds, finding) in PHASES {
        sandbox.limit(Limit::new(rate, 10).with_retry_after());
        let start = Instant::now();
        for (from, until) in [(0, finding), (finding, seconds)].into_iter().filter(|(from, until)| from < until) {
            let before = sandbox.ledger();
            let end = start + Duration::from_secs(until);
            while tokio::time::timeout_at(end, outcomes.next()).await.is_ok() {}
            let after = sandbox.ledger();
            let (posts, accepted) = (after.posts() - before.posts(), after.total() - before.total());
            let (a_second, refused) = (of(accepted, until - from), of(posts - accepted, posts));
            println!(
                "| {rate} | {from} to {until} | {a_second:.1} | {:.1} % | {:.2} % |",
                100.0 * a_second / rate,
                100.0 * refused
            );
            missed |= from == finding && (a_second < 0.9 * rate || refused >= 0.02);
        }
    }
    over.store(true, Ordering::Relaxed);
    if missed { Err("a limit was not kept to: 90 % of it, and less than 2 % refused".into()) } else { Ok(()) }
}

#[allow(clippy::cast_precision_loss)] // counts of a minute
fn of(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
