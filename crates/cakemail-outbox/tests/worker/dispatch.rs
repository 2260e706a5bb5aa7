//! One step of one email.

use std::time::Duration;

use cakemail_outbox::Error;
use tokio::time::{Instant, advance, sleep};

use crate::api::Reply;
use crate::world::{World, email, poll_times, seconds};

impl World {
    async fn dispatch(&self, key: &str) -> Result<&'static str, Error> {
        let record = self.outbox.dispatch(&self.api.client(), &email(key).key).await?;
        Ok(record.progress.state.name())
    }
}

#[tokio::test(start_paused = true)]
async fn a_dispatch_submits_the_email_and_a_redelivery_does_nothing() {
    let world = World::with(2).await;
    assert_eq!(world.dispatch("0").await.unwrap(), "accepted");
    assert_eq!(world.dispatch("0").await.unwrap(), "accepted");
    assert_eq!(world.api.accepted(), [("key-0".to_owned(), 1)].into());
    assert!(matches!(world.dispatch("absent").await, Err(Error::NotFound(_))));
}

#[tokio::test(start_paused = true)]
async fn simultaneous_dispatches_and_a_worker_submit_an_email_once() {
    let world = World::with(1).await;
    let (a, b, c, worker) = tokio::join!(world.dispatch("0"), world.dispatch("0"), world.dispatch("0"), world.drain());
    worker.unwrap();
    for state in [a, b, c] {
        assert!(["accepted", "dispatching"].contains(&state.unwrap()));
    }
    assert_eq!(world.api.accepted(), [("key-0".to_owned(), 1)].into());
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_is_looked_for_by_the_next_dispatch() {
    let world = World::with(1).await;
    world.api.reply(|_, _| Reply::AcceptLost);
    assert_eq!(world.dispatch("0").await.unwrap(), "unknown");
    advance(seconds(2)).await;
    assert_eq!(world.dispatch("0").await.unwrap(), "accepted");
    assert_eq!(world.api.accepted()["key-0"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_dispatch_that_is_dropped_goes_on() {
    let world = World::with(1).await;
    let (client, key) = (world.api.client(), email("0").key);
    assert!(poll_times(world.outbox.dispatch(&client, &key), 0).await.is_none());
    sleep(seconds(1)).await;
    assert_eq!(world.state("0"), "accepted");
}

#[tokio::test(start_paused = true)]
async fn a_dispatch_waits_for_a_short_pause_and_leaves_the_email_queued_in_a_long_one() {
    let world = World::with(2).await;
    world.api.reply(|tag, number| if tag == "key-0" && number == 1 { Reply::RetryAfter(60) } else { Reply::Accept });
    assert_eq!(world.dispatch("0").await.unwrap(), "queued");
    assert_eq!(world.dispatch("1").await.unwrap(), "queued");
    assert_eq!(world.api.state().submissions.len(), 1);
    sleep(seconds(58)).await;
    let start = Instant::now();
    assert_eq!(world.dispatch("1").await.unwrap(), "accepted");
    assert!(start.elapsed() > Duration::from_secs(1));
}
