//! What a worker does while everything works.

use std::time::Duration;

use cakemail_outbox::state::State;
use cakemail_outbox::{Lane, Time};
use tokio::time::Instant;

use crate::world::{World, email, seconds};

#[tokio::test(start_paused = true)]
async fn a_drain_sends_each_email_once_at_the_latency_bound_with_few_transactions() {
    let world = World::with(6400).await;
    let start = Instant::now();
    world.drain().await.unwrap();
    let time = start.elapsed().as_secs_f64();
    assert_eq!(world.ledger.states(), [("accepted", 6400)].into());
    assert!(world.api.accepted().values().all(|count| *count == 1));
    // 64 in flight with 20 ms each are 3,200 in a second.
    assert!(time < 2.0 * 1.1, "{time} s");
    assert_eq!(world.api.state().most_in_flight, 64);
    let ticks = world.ledger.state().ticks;
    assert!(ticks as f64 <= 0.05 * 6400.0, "{ticks} transactions");
    assert!(world.ledger.state().largest_claim <= 128 + 16);
}

#[tokio::test(start_paused = true)]
async fn an_accepted_email_has_the_id_of_the_response_and_the_tag_of_its_key() {
    let world = World::with(1).await;
    world.drain().await.unwrap();
    let State::Accepted(remote) = world.ledger.record("0").progress.state else { panic!() };
    assert_eq!(remote.id.unwrap().as_str(), "id-of-key-0");
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_limit_are_in_flight() {
    for limit in [1, 7] {
        let world = World::with(100).await;
        let worker = world.worker().in_flight(limit);
        worker.run_until_empty(std::future::pending()).await.unwrap();
        assert_eq!(world.api.state().most_in_flight, limit);
        assert_eq!(world.ledger.states(), [("accepted", 100)].into());
    }
}

#[tokio::test(start_paused = true)]
async fn four_workers_share_the_emails() {
    let world = World::with(6400).await;
    let start = Instant::now();
    let (a, b, c, d) = tokio::join!(world.drain(), world.drain(), world.drain(), world.drain());
    for result in [a, b, c, d] {
        result.unwrap();
    }
    assert!(world.api.accepted().values().all(|count| *count == 1));
    assert_eq!(world.ledger.states(), [("accepted", 6400)].into());
    let time = world.api.times().last().unwrap().duration_since(start).as_secs_f64();
    assert!(time < 0.5 * 1.2, "{time} s");
}

#[tokio::test(start_paused = true)]
async fn transactional_emails_go_before_marketing_emails_and_scheduled_ones_at_their_time() {
    let world = World::new();
    let later = world.ledger.now().after(seconds(60));
    let mut emails: Vec<_> = (0..300).map(|number| email(&format!("m{number}")).lane(Lane::Marketing)).collect();
    emails.extend((0..10).map(|number| email(&format!("t{number}"))));
    emails.push(email("later").send_at(later));
    world.outbox.enqueue_all(&emails).await.unwrap();
    world.drain().await.unwrap();
    let state = world.api.state();
    let order: Vec<_> = state.accepted.iter().map(|(tag, _)| tag.as_str()).collect();
    assert!(order[..64].iter().filter(|tag| tag.starts_with("key-t")).count() == 10, "{order:?}");
    assert_eq!(*order.last().unwrap(), "key-later");
    drop(state);
    let late = world.ledger.record("later").changed_at.since(later);
    assert!(late < Duration::from_millis(500), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn an_email_that_expires_before_it_is_sent_is_not_sent() {
    let world = World::new();
    let now = world.ledger.now();
    let emails = [email("old").expires_at(now.before(seconds(1))), email("new").expires_at(now.after(seconds(60)))];
    world.outbox.enqueue_all(&emails).await.unwrap();
    world.drain().await.unwrap();
    assert_eq!((world.state("old"), world.state("new")), ("expired", "accepted"));
    assert_eq!(world.api.accepted().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_idle_worker_asks_once_a_second_and_sees_a_new_email_within_that_time() {
    let world = World::new();
    let worker = world.worker();
    let outbox = world.outbox.clone();
    tokio::join!(async { world.run_for(worker, seconds(100)).await.unwrap() }, async {
        tokio::time::sleep(seconds(90)).await;
        outbox.enqueue(&email("0")).await.unwrap();
    });
    let ticks = world.ledger.state().ticks;
    assert!((90..115).contains(&ticks), "{ticks}");
    let waited = world.ledger.record("0").changed_at.since(world.ledger.record("0").enqueued_at);
    assert!(waited < Duration::from_millis(1200), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_stops_ends_what_is_in_flight_and_gives_back_the_rest() {
    let world = World::with(1000).await;
    world.run_for(world.worker(), Duration::from_millis(30)).await.unwrap();
    let states = world.ledger.states();
    assert_eq!(states.keys().copied().collect::<Vec<_>>(), ["accepted", "queued"]);
    assert_eq!(states["accepted"], world.api.accepted().len());
    world.drain().await.unwrap();
    assert!(world.api.accepted().values().all(|count| *count == 1));
    assert_eq!(world.ledger.states(), [("accepted", 1000)].into());
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_stops_does_not_wait_for_ever() {
    let world = World::with(3).await;
    world.api.state().latency = seconds(100_000);
    let start = Instant::now();
    world.run_for(world.worker(), seconds(1)).await.unwrap();
    assert!(start.elapsed() < seconds(35), "{:?}", start.elapsed());
    assert_eq!(world.ledger.states(), [("unknown", 3)].into());
}

#[tokio::test(start_paused = true)]
async fn times_of_the_ledger_may_be_far_away() {
    let world = World::new();
    let emails =
        [email("never").send_at(Time::from_micros(i64::MAX)), email("now").expires_at(Time::from_micros(i64::MAX))];
    world.outbox.enqueue_all(&emails).await.unwrap();
    world.run_for(world.worker(), seconds(10)).await.unwrap();
    assert_eq!((world.state("never"), world.state("now")), ("queued", "accepted"));
}
