//! The rate that workers share.

use std::time::Duration;

use tokio::time::Instant;

use crate::api::Reply;
use crate::world::{World, seconds};

/// The most emails within a window of one second.
fn busiest_second(times: &[Instant]) -> usize {
    let within = |from: usize| times[from..].iter().take_while(|at| **at < times[from] + seconds(1)).count();
    (0..times.len()).map(within).max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_rate_of_four_workers_together_is_exact() {
    for (rate, emails, time) in [(0.5, 11, 20.0), (200.0, 2000, 10.0), (2000.0, 10_000, 5.0)] {
        let world = World::with(emails).await;
        let worker = || async { world.worker().rate(rate).run_until_empty(std::future::pending()).await.unwrap() };
        tokio::join!(worker(), worker(), worker(), worker());
        let times = world.api.times();
        assert_eq!(times.len(), emails);
        let took = times[emails - 1].duration_since(times[0]).as_secs_f64();
        assert!((time * 0.99..time * 1.01 + 0.01).contains(&took), "{rate}/s: {took} s");
        let most = busiest_second(&times);
        assert!(most as f64 <= (rate * 1.05).max(1.0), "{rate}/s: {most} in one second");
        let ticks = world.ledger.state().ticks;
        println!("{rate}/s: {ticks} ticks for {emails} emails");
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_pauses_all_workers_and_no_email_is_lost() {
    let world = World::with(200).await;
    let started = Instant::now();
    world.api.reply(move |_, number| match number {
        1 if started.elapsed() < Duration::from_millis(100) => Reply::RetryAfter(30),
        _ => Reply::Accept,
    });
    let (a, b) = tokio::join!(world.drain(), world.drain());
    a.and(b).unwrap();
    assert_eq!(world.ledger.states(), [("accepted", 200)].into());
    assert!(world.api.accepted().values().all(|count| *count == 1));
    let first = world.api.times()[0].duration_since(started);
    assert!(first >= seconds(30), "{first:?}");
}

#[tokio::test]
async fn a_rate_that_is_none_is_an_error() {
    let world = World::with(1).await;
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = world.worker().rate(rate).run(async {}).await.unwrap_err();
        assert!(error.to_string().contains("above zero"), "{error}");
    }
}
