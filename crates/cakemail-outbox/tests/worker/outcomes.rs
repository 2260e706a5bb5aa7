//! The handler of outcomes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cakemail_outbox::{Record, Worker};
use serde_json::json;

use crate::api::Reply;
use crate::world::{World, email, poll_times, seconds};

type Told = Arc<Mutex<Vec<(String, &'static str)>>>;

/// A worker whose handler records the outcomes, and fails as `fail` says for the nth call of a key.
fn telling(world: &World, told: &Told, fail: impl Fn(&str, usize) -> bool + Send + Sync + 'static) -> Worker {
    let (told, fail) = (Arc::clone(told), Arc::new(fail));
    world.worker().on_outcome(move |record: Record| {
        let (told, fail) = (Arc::clone(&told), Arc::clone(&fail));
        async move {
            let key = record.key.tag().to_owned();
            let number = {
                let mut told = told.lock().unwrap();
                told.push((key.clone(), record.progress.state.name()));
                told.iter().filter(|(other, _)| *other == key).count()
            };
            match fail(&key, number) {
                false => Ok(()),
                true if key.ends_with('1') => panic!("the test's panic"),
                true => Err("the test's error".into()),
            }
        }
    })
}

fn counts(told: &Told) -> BTreeMap<(String, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for outcome in told.lock().unwrap().iter() {
        *counts.entry(outcome.clone()).or_default() += 1;
    }
    counts
}

#[tokio::test(start_paused = true)]
async fn each_outcome_is_told_once_when_everything_works() {
    let world = World::with(500).await;
    let old = email("old").expires_at(world.ledger.now());
    world.outbox.enqueue(&old).await.unwrap();
    world.api.reply(|tag, _| match tag {
        "key-1" => Reply::Status(422, json!({"detail": [{"loc": ["body", "email"], "msg": "no", "type": "x"}]})),
        "key-2" => Reply::Lost,
        _ => Reply::Accept,
    });
    let told = Told::default();
    let workers = [telling(&world, &told, |_, _| false), telling(&world, &told, |_, _| false)];
    let [a, b] = workers.map(|worker| world.run_for(worker, seconds(200)));
    let (a, b) = tokio::join!(a, b);
    a.and(b).unwrap();
    let counts = counts(&told);
    assert_eq!(counts.len(), 501);
    for (key, state) in [("key-0", "accepted"), ("key-1", "refused"), ("key-2", "parked")] {
        assert_eq!(counts[&(key.to_owned(), state)], 1);
    }
    // One that expired was told by a worker that asked for it.
    assert!(counts.contains_key(&("key-old".to_owned(), "expired")));
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_or_panics_is_called_again_and_stops_nothing() {
    let world = World::with(300).await;
    let told = Told::default();
    let fail = |key: &str, number| number <= 2 && (key.ends_with('1') || key.ends_with('2'));
    let worker = telling(&world, &told, fail);
    world.run_for(worker, seconds(120)).await.unwrap();
    let counts = counts(&told);
    assert_eq!(counts.len(), 300);
    for ((key, _), count) in counts {
        let expected = if key.ends_with('1') || key.ends_with('2') { 3 } else { 1 };
        assert_eq!(count, expected, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_worker_did_not_tell_is_told_by_another() {
    for polls in 0..80 {
        let world = World::with(30).await;
        let told = Told::default();
        let worker = telling(&world, &told, |_, _| false).in_flight(4);
        let _ = poll_times(worker.run(std::future::pending()), polls).await;
        world.run_for(telling(&world, &told, |_, _| false), seconds(300)).await.unwrap();
        let keys: std::collections::BTreeSet<_> = counts(&told).into_keys().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), 30, "after {polls} polls");
    }
}
