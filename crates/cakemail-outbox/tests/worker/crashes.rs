//! A worker that dies at any point, and another one that continues.

use std::future::pending;

use cakemail_outbox::state::Rules;
use tokio::time::{advance, timeout};

use crate::api::Reply;
use crate::world::{World, poll_times, seconds};

/// Runs a worker that dies when it has been pending `polls` times; then others, until nothing waits. Returns whether the
/// first one died.
async fn crash(world: &World, polls: usize) -> bool {
    let worker = world.worker().in_flight(4);
    let died = poll_times(worker.run_until_empty(pending()), polls).await.is_none();
    // What was written to the network is still read by the server.
    advance(seconds(1)).await;
    world.drain().await.unwrap();
    died
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_dies_anywhere_loses_nothing_and_repeats_nothing() {
    let mut polls = 0;
    loop {
        let world = World::with(20).await;
        let died = crash(&world, polls).await;
        for (key, row) in (0..20).map(|key| (key, world.ledger.record(&key.to_string()))) {
            let accepted = world.api.accepted().get(row.key.tag()).copied().unwrap_or_default();
            match row.progress.state.name() {
                "accepted" => assert_eq!(accepted, 1, "{key} after {polls} polls"),
                "parked" => assert_eq!(accepted, 0, "{key} after {polls} polls"),
                state => panic!("{key} is {state} after {polls} polls"),
            }
        }
        if !died {
            break;
        }
        polls += 1;
    }
    assert!(polls > 20, "{polls}");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_dies_anywhere_amid_failures_repeats_nothing() {
    for polls in 0..60 {
        let world = World::with(20).await;
        world.api.reply(|tag, number| match (tag.len() + number + tag.as_bytes()[4] as usize) % 4 {
            0 => Reply::AcceptLost,
            1 if number < 3 => Reply::Lost,
            2 if number < 3 => Reply::NotSent,
            _ => Reply::Accept,
        });
        crash(&world, polls).await;
        assert!(world.api.accepted().values().all(|count| *count == 1), "after {polls} polls");
        for key in 0..20 {
            let row = world.ledger.record(&key.to_string());
            let accepted = world.api.accepted().contains_key(row.key.tag());
            let state = row.progress.state.name();
            assert_eq!((state, accepted), if accepted { ("accepted", true) } else { ("parked", false) });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_worker_held_is_looked_for_when_its_lease_and_the_settle_time_have_ended() {
    let world = World::with(4).await;
    world.api.state().latency = seconds(10);
    assert!(timeout(seconds(2), world.worker().run(pending())).await.is_err());
    assert_eq!(world.ledger.states().get("dispatching"), Some(&4), "{:?}", world.ledger.states());
    let rules = Rules::default();
    world.run_for(world.worker(), rules.lease + rules.settle - seconds(3)).await.unwrap();
    assert_eq!(world.ledger.states().get("dispatching"), Some(&4));
    world.drain().await.unwrap();
    assert_eq!(world.ledger.states().get("dispatching"), None);
    assert!(world.api.accepted().values().all(|count| *count == 1));
}
