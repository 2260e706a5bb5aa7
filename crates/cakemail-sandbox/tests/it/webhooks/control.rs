//! Webhook deliveries, replays and injected faults in the control API.

use cakemail_sandbox::WebhookFaults;
use serde_json::json;

use super::receiver::{Receiver, webhook};
use crate::support::{User, frozen, seconds};

#[tokio::test]
async fn deliveries_are_listed_and_shown() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    let delivered = webhook(&user, "Email.Delivered", &receiver.url).await;
    webhook(&user, "Email.Queued", &receiver.url).await;
    receiver.respond([500]);
    let id = user.submit(&user.email("a@b.co").await).await;
    // Returns when both have arrived, the failed one after a retry.
    user.post("/_sandbox/clock", json!({"advance_ms": 10_000})).await.expect(200);
    assert_eq!(receiver.posts().len(), 3);

    let all = user.get("/_sandbox/deliveries").await.expect(200);
    let events: Vec<_> = all["data"].as_array().unwrap().iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!((events, &all["total"]), (vec!["Email.Delivered", "Email.Queued"], &json!(2)), "newest first");
    let queued = &all["data"][1];
    assert_eq!(
        (&queued["state"], &queued["email_id"], &queued["url"]),
        (&json!("delivered"), &json!(id), &json!(receiver.url))
    );
    assert_eq!((&queued["attempts"][0]["status"], &queued["attempts"][1]["status"]), (&json!(500), &json!(200)));
    assert_eq!(queued["attempts"][1]["time"], "2026-01-01T12:00:10.000Z");

    let second = user.get("/_sandbox/deliveries?per_page=1&page=2").await.expect(200);
    assert_eq!((&second["data"][0], &second["total"]), (queued, &json!(2)));
    let of_one = user.get(&format!("/_sandbox/deliveries?webhook_id={}", delivered.id)).await.expect(200);
    assert_eq!((&of_one["data"], &of_one["total"]), (&json!([all["data"][0]]), &json!(1)));
    assert_eq!(user.get("/_sandbox/deliveries?account_id=1").await.expect(200)["total"], 0);
    let of_email = |id: &str| format!("/_sandbox/deliveries?email_id={id}&webhook_id={}", delivered.id);
    assert_eq!(user.get(&of_email(&id)).await.expect(200)["data"], of_one["data"]);
    assert_eq!(user.get(&of_email("3fbfa67e-c4c4-4e03-8dfd-556037960374")).await.expect(200)["total"], 0);
    assert_eq!(all["dropped"], 0);
    let health = user.get("/_sandbox/health").await.expect(200);
    assert_eq!(health["deliveries"], json!({"pending": 0, "dropped": 0}));

    let whole = user.get(&format!("/_sandbox/deliveries/{}", queued["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(&whole["delivery"], queued);
    let post = &receiver.posts()[0];
    assert_eq!(whole["body"], post.body.as_str());
    for header in whole["headers"].as_array().unwrap() {
        let line = format!("{}: {}\r\n", header["name"].as_str().unwrap(), header["value"].as_str().unwrap());
        assert!(post.head.contains(&line), "{line} is not in {}", post.head);
    }
    user.get("/_sandbox/deliveries/3fbfa67e-c4c4-4e03-8dfd-556037960374").await.expect(404);
}

#[tokio::test]
async fn a_delivery_can_be_replayed() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    webhook(&user, "Email.Queued", &receiver.url).await;
    user.submit(&user.email("a@b.co").await).await;
    sandbox.advance(seconds(1)).await;
    let path = format!("/_sandbox/deliveries/{}/replay", sandbox.deliveries()[0].id);
    let first = receiver.posts().remove(0);

    let again = user.post(&path, json!({"times": 3})).await.expect(201);
    assert_eq!((&again["total"], &again["data"][0]["state"]), (&json!(3), &json!("pending")));
    sandbox.advance(seconds(0)).await;
    assert_eq!(receiver.posts().len(), 4);
    assert!(receiver.posts().iter().all(|post| post.body == first.body && post.head == first.head));

    let tampered = user.post(&path, json!({"tamper": true, "delay_ms": 60_000})).await.expect(201);
    sandbox.advance(seconds(59)).await;
    assert_eq!(receiver.posts().len(), 4);
    sandbox.advance(seconds(1)).await;
    let post = receiver.posts().remove(4);
    assert_eq!(
        post.head.len(),
        first.head.len() + post.body.len().to_string().len() - first.body.len().to_string().len()
    );
    assert_ne!(post.body, first.body);

    let of_tampered = format!("/_sandbox/deliveries/{}/replay", tampered["data"][0]["id"].as_str().unwrap());
    user.post(&of_tampered, json!({})).await.expect(201);
    sandbox.advance(seconds(0)).await;
    assert_eq!(receiver.posts()[5].body, first.body, "the stored body is not tampered with");

    assert_eq!(user.post(&path, json!({"times": 0})).await.error_fields(422), ["body.times"]);
    assert_eq!(user.post(&path, json!({"often": 1})).await.error_fields(422), ["body.often"]);
    user.post("/_sandbox/deliveries/3fbfa67e-c4c4-4e03-8dfd-556037960374/replay", json!({})).await.expect(404);
}

#[tokio::test]
async fn a_changed_url_is_called_from_then_on() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    let id = webhook(&user, "Email.Queued", "https://127.0.0.1:9/").await.id;
    user.submit(&user.email("a@b.co").await).await;
    sandbox.advance(seconds(1)).await;
    user.patch(&format!("/webhooks/{id}"), json!({"url": receiver.url})).await.expect(200);
    let refused = sandbox.deliveries().remove(0).id;
    user.post(&format!("/_sandbox/deliveries/{refused}/replay"), json!({})).await.expect(201);
    sandbox.advance(seconds(0)).await;
    assert_eq!(receiver.posts().len(), 1);
}

#[tokio::test]
async fn webhook_faults_are_set_for_all_and_cleared_by_a_reset() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let none = json!(WebhookFaults::default());
    assert_eq!(user.get("/_sandbox/webhook-faults").await.expect(200), none);
    let webhook_faults = json!({
        "duplicate": true, "delay_ms": 5, "reorder": true, "tamper": true,
        "dialect": "newer", "header": "X-Cakemail-Signature",
    });
    let json_type = "Content-Type: application/json\r\n";
    let set = user.send("PUT", "/_sandbox/webhook-faults", json_type, &webhook_faults.to_string()).await.expect(200);
    assert_eq!((&set, &user.get("/_sandbox/webhook-faults").await.expect(200)), (&webhook_faults, &webhook_faults));
    let partly = user
        .send("PUT", "/_sandbox/webhook-faults", json_type, r#"{"tamper": true, "header": null}"#)
        .await
        .expect(200);
    assert_eq!(
        (&partly["tamper"], &partly["duplicate"], &partly["header"]),
        (&json!(true), &json!(false), &json!("x-signature"))
    );
    let wrong = user.send("PUT", "/_sandbox/webhook-faults", json_type, r#"{"dialect": "latin"}"#).await;
    assert_eq!(wrong.error_fields(422), ["body.dialect"]);
    user.post("/_sandbox/reset", json!({})).await.expect(200);
    assert_eq!(user.get("/_sandbox/webhook-faults").await.expect(200), none);
}
