//! Emails whose response was lost.

use std::time::Duration;

use crate::api::Reply;
use crate::world::{World, email, seconds};

#[tokio::test(start_paused = true)]
async fn an_accepted_email_whose_response_was_lost_is_found_in_the_logs() {
    let world = World::with(10).await;
    world.api.reply(|_, _| Reply::AcceptLost);
    world.drain().await.unwrap();
    assert_eq!(world.ledger.states(), [("accepted", 10)].into());
    assert_eq!(world.api.state().submissions.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_email_that_is_not_in_the_logs_is_parked_after_the_settle_time_by_default() {
    let world = World::with(1).await;
    world.api.reply(|_, _| Reply::Lost);
    world.drain().await.unwrap();
    assert_eq!(world.state("0"), "parked");
    assert_eq!(world.api.state().submissions.len(), 1);
    let record = world.ledger.record("0");
    assert!(record.changed_at.since(record.enqueued_at) >= seconds(60));
}

#[tokio::test(start_paused = true)]
async fn an_email_is_sent_again_when_the_logs_have_caught_up_or_nothing_else_was_sent() {
    for others in [0, 50] {
        let world = World::new();
        world.outbox.enqueue(&email("lost").resend_after(seconds(120))).await.unwrap();
        world.api.reply(|tag, number| if tag == "key-lost" && number == 1 { Reply::Lost } else { Reply::Accept });
        let later = world.ledger.now().after(seconds(100));
        let others: Vec<_> = (0..others).map(|number| email(&number.to_string()).send_at(later)).collect();
        world.outbox.enqueue_all(&others).await.unwrap();
        world.drain().await.unwrap();
        assert_eq!(world.state("lost"), "accepted");
        assert_eq!(world.ledger.record("lost").progress.resends, 1);
        assert_eq!(world.api.accepted()["key-lost"], 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_email_is_not_sent_again_while_the_logs_lag() {
    let world = World::new();
    world.outbox.enqueue(&email("lost").resend_after(seconds(60))).await.unwrap();
    let emails: Vec<_> = (1..100)
        .map(|number| email(&number.to_string()).send_at(world.ledger.now().after(seconds(10 * number))))
        .collect();
    world.outbox.enqueue_all(&emails).await.unwrap();
    // Ten times the settle time.
    world.api.state().lag = seconds(600);
    world.api.reply(|tag, _| if tag == "key-lost" { Reply::AcceptLost } else { Reply::Accept });
    world.drain().await.unwrap();
    assert_eq!(world.state("lost"), "accepted");
    assert_eq!(world.api.accepted()["key-lost"], 1);
}

#[tokio::test(start_paused = true)]
async fn looks_do_not_hold_back_submissions_and_submissions_do_not_hold_back_looks() {
    let world = World::with(64).await;
    world.api.reply(|_, number| if number == 1 { Reply::AcceptLost } else { Reply::Accept });
    // All in doubt, and the logs do not answer.
    world.run_for(world.worker(), Duration::from_millis(500)).await.unwrap();
    world.api.state().logs_fail = true;
    world.api.reply(|_, _| Reply::Accept);
    let more: Vec<_> = (100..1100).map(|number| email(&number.to_string())).collect();
    world.outbox.enqueue_all(&more).await.unwrap();
    world.run_for(world.worker(), seconds(5)).await.unwrap();
    assert_eq!(world.ledger.states()["accepted"], 1000);
    assert!(world.api.state().searches > 20);
    world.api.state().logs_fail = false;
    world.drain().await.unwrap();
    assert_eq!(world.ledger.states(), [("accepted", 1064)].into());
    assert!(world.api.accepted().values().all(|count| *count == 1));
}
