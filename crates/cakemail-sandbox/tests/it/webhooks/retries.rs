//! Retries of failed deliveries.

use cakemail_model::Timestamp;
use cakemail_sandbox::{DeliveryState, Sandbox, WebhookDelivery};

use super::receiver::{Receiver, webhook};
use crate::support::{User, frozen, seconds};

/// A sandbox with one webhook and one pending delivery to it.
async fn sandbox_with_delivery_to(url: &str) -> Sandbox {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    webhook(&user, "Email.Submitted", url).await;
    user.submit(&user.email("stuck@example.com").await).await;
    sandbox
}

fn single_delivery(sandbox: &Sandbox) -> WebhookDelivery {
    let deliveries = sandbox.deliveries();
    assert_eq!(deliveries.len(), 1);
    deliveries.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_delivery_is_retried_at_the_documented_delays_and_then_fails() {
    let receiver = Receiver::start().await;
    receiver.respond([500; 6]);
    let sandbox = sandbox_with_delivery_to(&receiver.url).await;
    let mut due = Timestamp::from(sandbox.clock().now());
    for (attempts, wait) in [10, 60, 300, 1800, 7200].into_iter().enumerate() {
        sandbox.advance(seconds(0)).await;
        due = due.saturating_add(seconds(wait));
        let delivery = single_delivery(&sandbox);
        assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Pending, attempts + 1));
        assert_eq!(Timestamp::from(delivery.due), due);
        sandbox.advance(seconds(wait - 1)).await;
        assert_eq!(single_delivery(&sandbox).attempts.len(), attempts + 1, "not before its time");
        sandbox.clock().advance(seconds(1));
    }
    sandbox.advance(seconds(1_000_000)).await;
    let delivery = single_delivery(&sandbox);
    assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Failed, 6));
    assert!(delivery.attempts.iter().all(|attempt| attempt.status == Some(500) && attempt.error.is_none()));
    let bodies: Vec<_> = receiver.posts().into_iter().map(|post| post.body).collect();
    assert_eq!(bodies.len(), 6);
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "each attempt sends the same bytes");
}

#[tokio::test]
async fn one_advance_covers_all_retries() {
    let receiver = Receiver::start().await;
    receiver.respond([503, 404, 302, 199]);
    let sandbox = sandbox_with_delivery_to(&receiver.url).await;
    let start = Timestamp::from(sandbox.clock().now());
    sandbox.advance(seconds(24 * 3600)).await;
    let delivery = single_delivery(&sandbox);
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let times: Vec<_> = delivery.attempts.iter().map(|attempt| Timestamp::from(attempt.time)).collect();
    assert_eq!(times, [0, 10, 70, 370, 2170].map(|after| start.saturating_add(seconds(after))));
    assert_eq!(Timestamp::from(sandbox.clock().now()), start.saturating_add(seconds(24 * 3600)));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (receiver, target) = (Receiver::start().await, Receiver::start().await);
    let location = format!("HTTP/1.1 307 Elsewhere\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", target.url);
    receiver.respond_raw(vec![location; 6]);
    let sandbox = sandbox_with_delivery_to(&receiver.url).await;
    sandbox.advance(seconds(100_000)).await;
    assert_eq!(single_delivery(&sandbox).state, DeliveryState::Failed);
    assert_eq!((receiver.posts().len(), target.posts().len()), (6, 0));
}

#[tokio::test]
async fn a_missing_response_is_a_failure_with_a_reason() {
    let receiver = Receiver::start().await;
    let garbage = "\u{16}\u{3} not HTTP\r\n\r\n".to_owned();
    receiver.respond_raw([String::new(), garbage]);
    let sandbox = sandbox_with_delivery_to(&receiver.url).await;
    sandbox.advance(seconds(100)).await;
    let delivery = single_delivery(&sandbox);
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let errors: Vec<_> = delivery.attempts.iter().filter_map(|attempt| attempt.error.as_deref()).collect();
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().all(|error| error.starts_with("The receiver gave no response: ")), "{errors:?}");

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sandbox = sandbox_with_delivery_to(&format!("http://{nobody}/")).await;
    sandbox.advance(seconds(0)).await;
    let error = single_delivery(&sandbox).attempts[0].error.clone().unwrap();
    assert!(error.starts_with(&format!("No connection to {nobody}: ")), "{error}");
}

#[tokio::test]
async fn a_receiver_times_out_after_ten_seconds() {
    let receiver = Receiver::silent().await;
    let before = tokio::time::Instant::now();
    let sandbox = sandbox_with_delivery_to(&receiver.url).await;
    receiver.wait_for(1).await;
    tokio::time::pause();
    receiver.wait_until_hung_up().await;
    assert!(before.elapsed() >= seconds(10));
    let delivery = single_delivery(&sandbox);
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(delivery.attempts[0].error.as_deref(), Some("No response within 10 s"));
}

#[tokio::test]
async fn a_receiver_that_hangs_times_out_by_the_clock() {
    let receiver = Receiver::silent().await;
    let sandbox = sandbox_with_delivery_to(&receiver.url).await;
    let start = Timestamp::from(sandbox.clock().now());
    receiver.wait_for(1).await;
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    sandbox.advance(seconds(9)).await;
    assert!(single_delivery(&sandbox).attempts.is_empty(), "it has 10 seconds");
    assert_eq!(Timestamp::from(sandbox.clock().now()), start.saturating_add(seconds(9)));

    sandbox.advance(seconds(24 * 3600)).await;
    let delivery = single_delivery(&sandbox);
    assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Failed, 6));
    for (attempt, after) in delivery.attempts.iter().zip([10, 30, 100, 410, 2220, 9430]) {
        assert_eq!(attempt.error.as_deref(), Some("No response within 10 s"));
        assert_eq!(Timestamp::from(attempt.time), start.saturating_add(seconds(after)));
    }
    assert!(before.elapsed() < seconds(10), "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_response_without_an_end_counts_by_its_status() {
    let receiver = Receiver::start().await;
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n{}", "a".repeat(100_000));
    receiver.respond_raw([endless]);
    let sandbox = sandbox_with_delivery_to(&receiver.url).await;
    sandbox.advance(seconds(0)).await;
    assert_eq!(single_delivery(&sandbox).state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_silent_receiver_delays_no_other_webhook() {
    let (silent, receiver) = (Receiver::silent().await, Receiver::start().await);
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    webhook(&user, "Email.Submitted", &silent.url).await;
    webhook(&user, "Email.Queued", &receiver.url).await;
    let email = user.email("a@b.co").await;
    for _ in 0..10 {
        user.submit(&email).await;
    }
    receiver.wait_for(10).await;
    assert_eq!(silent.posts().len(), 1, "one at a time to each");
}
