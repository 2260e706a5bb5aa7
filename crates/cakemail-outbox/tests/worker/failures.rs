//! What fails: submissions, the API as a whole, rows, the database.

use std::sync::Arc;
use std::time::Duration;

use cakemail_client::{Client, Credentials};
use cakemail_outbox::Error;
use cakemail_transport::MockTransport;
use serde_json::json;
use tokio::time::Instant;

use crate::api::Reply;
use crate::ledger::Fail;
use crate::world::{World, email, seconds};

#[tokio::test(start_paused = true)]
async fn a_refused_email_keeps_the_fields_that_the_server_named() {
    let world = World::with(3).await;
    let body = json!({"detail": [{"loc": ["body", "sender"], "msg": "is not confirmed", "type": "value_error"}]});
    world.api.reply(move |tag, _| if tag == "key-1" { Reply::Status(422, body.clone()) } else { Reply::Accept });
    world.drain().await.unwrap();
    assert_eq!(world.ledger.states(), [("accepted", 2), ("refused", 1)].into());
    let reason = world.ledger.record("1").progress.reason.unwrap();
    assert_eq!(reason.kind, "BadRequest");
    assert!(reason.fields.iter().any(|field| field.message.contains("is not confirmed")), "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_is_sent_later() {
    let world = World::with(20).await;
    world.api.reply(|_, number| if number <= 3 { Reply::NotSent } else { Reply::Accept });
    world.drain().await.unwrap();
    assert_eq!(world.ledger.states(), [("accepted", 20)].into());
    assert!(world.api.accepted().values().all(|count| *count == 1));
}

#[tokio::test(start_paused = true)]
async fn an_outage_does_not_pass_through_the_table() {
    for reply in [
        Reply::Status(500, json!({"detail": "failed"})),
        Reply::NotSent,
        Reply::Status(401, json!({"detail": "no"})),
        Reply::Status(403, json!({"detail": "the account is suspended"})),
        Reply::Status(404, json!({"detail": "Not Found"})),
    ] {
        let world = World::with(500).await;
        let outage = reply.clone();
        world.api.reply(move |_, _| outage.clone());
        let worker = world.worker();
        let stats = worker.stats();
        world.run_for(worker, seconds(300)).await.unwrap();
        let submissions = world.api.state().submissions.len();
        assert!((21..120).contains(&submissions), "{reply:?}: {submissions} submissions");
        assert!(stats.holds() > 0);
        world.api.reply(|_, _| Reply::Accept);
        let start = Instant::now();
        world.run_for(world.worker(), seconds(120)).await.unwrap();
        let accepted = world.ledger.states()["accepted"];
        assert!(accepted >= 380, "{reply:?}: {accepted} accepted in {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn an_email_that_always_fails_does_not_hold_back_the_others() {
    for reply in [
        Reply::Panic,
        Reply::Status(403, json!({"detail": "no"})),
        Reply::Status(500, json!({"detail": "no"})),
        Reply::NotSent,
    ] {
        let world = World::with(1000).await;
        world.api.reply(move |tag, _| if tag == "key-0" { reply.clone() } else { Reply::Accept });
        let start = Instant::now();
        world.run_for(world.worker(), seconds(2)).await.unwrap();
        assert!(world.ledger.states()["accepted"] == 999, "{:?}", world.ledger.states());
        let last = world.api.times().last().unwrap().duration_since(start);
        assert!(last < seconds(1), "{last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_read_is_refused_alone() {
    for payload in ["", "{", "{\"version\":99}", "null"] {
        let world = World::with(3).await;
        world.ledger.state().rows.get_mut(&1).unwrap().payload = payload.as_bytes().to_vec();
        world.drain().await.unwrap();
        assert_eq!(world.ledger.states(), [("accepted", 2), ("refused", 1)].into(), "{payload}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_in_doubt_that_cannot_be_read_is_parked() {
    let world = World::with(1).await;
    world.api.reply(|_, _| Reply::AcceptLost);
    world.run_for(world.worker(), Duration::from_millis(500)).await.unwrap();
    assert_eq!(world.state("0"), "unknown");
    world.ledger.state().rows.get_mut(&1).unwrap().payload = b"{".to_vec();
    world.drain().await.unwrap();
    assert_eq!(world.state("0"), "parked");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_fails_or_whose_response_is_lost_loses_and_repeats_nothing() {
    for fail in [Fail::Before, Fail::After, Fail::Connection] {
        for at in 0..8 {
            let world = World::with(100).await;
            let fails = (0..60).map(|tick| (tick % 8 == at).then_some(fail));
            world.ledger.state().fails.extend(fails);
            world.drain().await.unwrap();
            let case = format!("{fail:?} at {at}");
            assert_eq!(world.ledger.states(), [("accepted", 100)].into(), "{case}");
            assert!(world.api.accepted().values().all(|count| *count == 1), "{case}");
            // Nothing waited for the end of a lease.
            assert!(world.ledger.now().since(world.ledger.record("0").enqueued_at) < seconds(30), "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_submitted_after_its_lease_while_the_database_is_away() {
    let world = World::with(200).await;
    world.api.state().latency = seconds(10);
    world.ledger.state().fails.extend([None].into_iter().chain((0..20).map(|_| Some(Fail::Before))));
    world.drain().await.unwrap();
    assert_eq!(world.ledger.states(), [("accepted", 200)].into());
    assert!(world.api.accepted().values().all(|count| *count == 1));
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_is_asked_at_growing_intervals() {
    let world = World::with(1).await;
    world.ledger.state().fails.extend((0..10_000).map(|_| Some(Fail::Before)));
    let worker = world.worker();
    let stats = worker.stats();
    world.run_for(worker, seconds(3600)).await.unwrap();
    assert!((300..900).contains(&stats.failed_ticks()), "{}", stats.failed_ticks());
}

#[tokio::test]
async fn a_worker_refuses_a_transport_that_does_not_hold_the_gate() {
    let world = World::with(1).await;
    let transport = Arc::new(MockTransport::new());
    let client = Client::builder().credentials(Credentials::access_token("any")).transport(transport).build().unwrap();
    let error = world.outbox.worker(&client).run(async {}).await.unwrap_err();
    assert!(matches!(error, Error::Client(_)), "{error:?}");
    assert!(error.to_string().contains("HyperTransport"), "{error}");
    let error = world.outbox.dispatch(&client, &email("0").key).await.unwrap_err();
    assert!(matches!(error, Error::Client(_)), "{error:?}");
}
