//! Waiting for emails, and tenants.

use std::time::Duration;

use cakemail_sandbox::Clock;
use serde_json::json;

use crate::support::{User, frozen, seconds};

#[tokio::test]
async fn matching_emails_end_the_wait_at_once() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.submit(&user.email("ada@example.com").await).await;
    let found = sandbox.wait("to:ada status:queued").await.unwrap();
    assert_eq!((found.len(), found[0].recipient.as_str()), (1, "ada@example.com"));
}

#[tokio::test]
async fn a_later_email_ends_the_wait() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let email = user.email("ada@example.com").await;
    let submit = async {
        user.submit(&email).await;
        user.submit(&email).await;
        // The status changes only when the clock advances.
        sandbox.clock().advance(seconds(1));
    };
    let (found, ()) = tokio::join!(sandbox.wait("status:delivered").count(2).into_future(), submit);
    assert_eq!(found.unwrap().len(), 2);
}

#[tokio::test]
async fn a_running_clock_ends_the_wait() {
    let sandbox = cakemail_sandbox::Sandbox::builder().clock(Clock::scaled(1000.0)).start().await.unwrap();
    let user = User::of(&sandbox).await;
    user.submit(&user.email("clicked@example.com").await).await;
    assert_eq!(sandbox.wait("status:click").await.unwrap()[0].status, "click");
}

#[tokio::test]
async fn a_timeout_reports_near_misses() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.submit(&user.email("ada@example.com").await).await;
    user.submit(&user.email("bob@example.com").await).await;
    let late = sandbox.wait("to:ada tag:welcome").within(Duration::from_millis(1)).await.unwrap_err().to_string();
    let lines: Vec<_> = late.lines().collect();
    assert!(lines[0].contains("0 of 1 emails matched"), "{late}");
    assert!(lines[1].contains("to ada@example.com (queued) does not match tag:welcome"), "{late}");
    assert!(lines[2].contains("bob@example.com") && lines[2].ends_with("to:ada tag:welcome"), "{late}");

    let body = json!({"q": "to:ada tag:welcome", "timeout_ms": 1});
    let answer = user.post("/_sandbox/wait", body).await.expect(200);
    assert_eq!((&answer["found"], &answer["count"]), (&json!(false), &json!(0)));
    assert_eq!(answer["nearest"][0]["missing"], json!(["tag:welcome"]));
    let answer = user.post("/_sandbox/wait", json!({"count": 2})).await.expect(200);
    assert_eq!((&answer["found"], answer["data"][1]["recipient"].as_str()), (&json!(true), Some("bob@example.com")));
    assert_eq!(user.post("/_sandbox/wait", json!({"q": "tagg:x"})).await.error_fields(422), ["body.q"]);
    assert!(sandbox.wait("tagg:x").await.is_err());
}

#[tokio::test]
async fn tenants_are_isolated() {
    let sandbox = frozen().await;
    let (one, other) = (sandbox.tenant(), sandbox.tenant());
    assert_ne!((one.email(), one.account_id()), (other.email(), other.account_id()));
    let user = User::signed_in(&sandbox, one.email(), one.password()).await;
    let content = json!({"type": "transactional", "subject": "Hi", "text": "Hello"});
    let email =
        json!({"email": "a@b.co", "list_id": one.list_id(), "sender": {"id": one.sender_id()}, "content": content});
    user.submit(&email).await;
    user.submit(&email).await;
    assert_eq!((one.emails().len(), other.emails().len(), sandbox.emails().len()), (2, 0, 2));
    assert_eq!((one.ledger().duplicate_count(), other.ledger().total()), (1, 0));
    assert_eq!(one.wait("to:a@b.co").await.unwrap().len(), 2);
    assert!(other.wait("to:a@b.co").within(Duration::ZERO).await.is_err());
    assert!(!format!("{one:?}").contains(one.password()));
}

#[tokio::test]
async fn tenants_are_created_and_deleted_over_http() {
    let sandbox = frozen().await;
    let nobody = User { sandbox: &sandbox, token: String::new() };
    let body = json!({"email": "t@example.org", "password": "p"});
    let tenant = nobody.post("/_sandbox/tenants", body.clone()).await.expect(201);
    assert_eq!(nobody.post("/_sandbox/tenants", body).await.error_fields(400), ["body.email"]);
    let path = format!("/_sandbox/tenants/{}", tenant["account_id"]);
    let viewer = nobody.post(&format!("{path}/token"), json!({})).await.expect(201);
    let viewer = User { sandbox: &sandbox, token: viewer["access_token"].as_str().unwrap().into() };
    assert_eq!(viewer.get("/users/self").await.expect(200)["data"]["email"], "t@example.org");
    assert!(sandbox.requests().is_empty(), "a viewer is not recorded");
    let user = User::signed_in(&sandbox, "t@example.org", "p").await;
    nobody.post(&format!("/_sandbox/reset?account_id={}", tenant["account_id"]), json!({})).await.expect(200);
    user.get("/lists").await.expect(401);
    let user = User::signed_in(&sandbox, "t@example.org", "p").await;
    let senders = user.get("/brands/default/senders").await.expect(200);
    assert_eq!(senders["data"][0]["confirmed"], true);
    nobody.delete(&path).await.expect(200);
    nobody.delete(&path).await.expect(404);
    user.get("/lists").await.expect(401);
    viewer.get("/lists").await.expect(401);
}

#[tokio::test]
async fn samples_have_every_lifecycle() {
    let sandbox = frozen().await;
    let nobody = User { sandbox: &sandbox, token: String::new() };
    let sample = nobody.post("/_sandbox/sample", json!({"emails": 20})).await.expect(201);
    assert_eq!(sample["emails"].as_array().unwrap().len(), 20);
    sandbox.clock().advance(seconds(3));
    let usual = nobody.post("/_sandbox/sample", json!({})).await.expect(201);
    assert_eq!(usual["emails"].as_array().unwrap().len(), 12);
    for status in ["click", "open", "delivered", "bounce", "spam", "unsubscribe", "rejected", "queued"] {
        assert!(sandbox.emails().iter().any(|email| email.status == status), "{status}");
    }
}

#[tokio::test]
async fn a_rule_replaces_the_lifecycle() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let steps = json!([{"kind": "queued", "after_ms": 0}, {"kind": "hard_bounce", "after_ms": 500}]);
    let rule = user.post("/_sandbox/rules", json!({"recipient": "*@Example.org", "steps": steps})).await.expect(201);
    assert_eq!(rule["steps"][0]["kind"], "submitted");
    let one = user.submit(&user.email("opened@example.org").await).await;
    let other = user.submit(&user.email("opened@example.com").await).await;
    sandbox.clock().advance(seconds(2));
    assert_eq!(user.get_email(&one).await["status"], "bounce");
    assert_eq!(user.get_email(&other).await["status"], "open");
    user.delete(&format!("/_sandbox/rules?id={}", rule["id"])).await.expect(200);
    assert_eq!(user.delete(&format!("/_sandbox/rules?id={}", rule["id"])).await.error_fields(400), ["query.id"]);
    let wrong = json!({"steps": [{"kind": "exploded", "after_ms": 0}]});
    assert_eq!(user.post("/_sandbox/rules", wrong).await.error_fields(422), ["body.steps.0.kind"]);
    assert_eq!(
        user.post("/_sandbox/rules", json!({"steps": steps, "recipent": "x"})).await.error_fields(422),
        ["body.recipent"]
    );
}
