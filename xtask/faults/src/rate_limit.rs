//! A rate limit that the client does not know: it finds the rate, keeps to it, and follows it when it changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cakemail::sandbox::{Limit, Sandbox};
use cakemail::{BulkOptions, Client};
use futures_util::stream;
use tokio::time::Instant;

use crate::Result;
use crate::test_bed::{TestBed, credentials};

/// Emails per second, for how many seconds, and how many of these the client has to find the rate.
const PHASES: [(f64, u64, u64); 3] = [(50.0, 30, 10), (100.0, 30, 10), (50.0, 30, 10)];

pub async fn run() -> Result {
    let sandbox = Sandbox::start().await?;
    let client = Client::builder().base_url(sandbox.url()).credentials(credentials(&sandbox)).build()?;
    let bed = TestBed::new(&client, &sandbox).await?;
    let finished = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&finished);
    let emails = (0..).take_while(move |_| !stop.load(Ordering::Relaxed));
    let emails = emails.map(move |number: u64| (number, bed.email(&format!("r{number}@example.org"))));
    let mut results = client.emails().send_all(stream::iter(emails), BulkOptions::new().in_flight(32));
    println!("| limit | seconds | accepted per second | of the limit | refused |\n| ---: | --- | ---: | ---: | ---: |");
    let mut missed = false;
    for (rate, seconds, finding) in PHASES {
        // Without `Retry-After`, which would pause all sends for a second each time: the client finds the rate by itself.
        sandbox.limit(Limit::new(rate, 10));
        let start = Instant::now();
        for (from, until) in [(0, finding), (finding, seconds)].into_iter().filter(|(from, until)| from < until) {
            let before = sandbox.ledger();
            let end = start + Duration::from_secs(until);
            while tokio::time::timeout_at(end, results.next()).await.is_ok() {}
            let after = sandbox.ledger();
            let (posts, accepted) = (after.posts() - before.posts(), after.total() - before.total());
            let (per_second, refused) = (ratio(accepted, until - from), ratio(posts - accepted, posts));
            println!(
                "| {rate} | {from} to {until} | {per_second:.1} | {:.1} % | {:.2} % |",
                100.0 * per_second / rate,
                100.0 * refused
            );
            missed |= from == finding && (per_second < 0.9 * rate || refused >= 0.02);
        }
    }
    finished.store(true, Ordering::Relaxed);
    if missed { Err("the client must reach 90 % of each limit, with less than 2 % refused".into()) } else { Ok(()) }
}

#[allow(clippy::cast_precision_loss)] // counts within a minute
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
