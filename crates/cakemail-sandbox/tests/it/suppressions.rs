//! Suppressed addresses and their sources.

use serde_json::json;

use crate::support::{Reply, User, frozen, seconds};

#[tokio::test]
async fn an_address_a_domain_and_a_name_can_be_suppressed() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for (entry, recipient, other) in [
        ("one@example.com", "One@example.com", "two@example.com"),
        ("*@example.org", "any@example.org", "any@sub.example.org"),
        ("info@*", "info@anywhere.net", "information@anywhere.net"),
    ] {
        user.post("/suppressed-emails", json!({"email": entry})).await.expect(201);
        let answer = user.post("/v2/emails", user.email(recipient).await).await.expect(201);
        assert_eq!(answer["data"]["status"], "rejected", "{recipient}");
        let id = answer["data"]["id"].as_str().unwrap();
        let logs = user.get(&format!("/v2/logs/emails?email_id={id}&log_type=rejected")).await.expect(200);
        let reason = logs["data"][0]["metadata"]["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(entry), "{reason}");
        let answer = user.post("/v2/emails", user.email(other).await).await.expect(201);
        assert_eq!(answer["data"]["status"], "queued", "{other}");
        user.delete(&format!("/suppressed-emails/{entry}")).await.expect(200);
        let answer = user.post("/v2/emails", user.email(recipient).await).await.expect(201);
        assert_eq!(answer["data"]["status"], "queued", "{recipient} after the entry was removed");
    }
    for wrong in ["", "one", "@example.com", "*@*", "a@b", "a*@b.co", "*@"] {
        assert_eq!(
            user.post("/suppressed-emails", json!({"email": wrong})).await.error_fields(422),
            ["body.email"],
            "{wrong}"
        );
    }
    user.delete("/suppressed-emails/nobody%40example.com").await.expect(404);
    assert_eq!(user.delete("/suppressed-emails/nobody").await.error_fields(422), ["path.email"]);
}

#[tokio::test]
async fn hard_bounces_and_complaints_suppress_the_address() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let list = user.list().await;
    for (recipient, source, status) in
        [("bounced@example.com", "system", "bounced"), ("complained@example.com", "complaint", "spam")]
    {
        user.submit(&user.email(recipient).await).await;
        sandbox.clock().advance(seconds(3));
        let entries = user.get(&format!("/suppressed-emails?filter=email=={recipient}")).await.expect(200);
        assert_eq!(entries["data"], json!([{"email": recipient, "source": source}]));
        assert_eq!(user.delete(&format!("/suppressed-emails/{recipient}")).await.error_fields(400), ["path.email"]);
        user.post("/suppressed-emails", json!({"email": recipient})).await.expect(201);
        assert_eq!(user.delete(&format!("/suppressed-emails/{recipient}")).await.status, 400, "it keeps its source");
        let contacts = user.get(&format!("/lists/{list}/contacts?filter=email=={recipient}")).await.expect(200);
        assert_eq!(contacts["data"][0]["status"], status);
        let again = user.post("/v2/emails", user.email(recipient).await).await.expect(201);
        assert_eq!(again["data"]["status"], "rejected");
    }
}

#[tokio::test]
async fn the_control_api_lifts_any_suppression() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.submit(&user.email("bounced@example.com").await).await;
    sandbox.clock().advance(seconds(3));
    user.post("/suppressed-emails", json!({"email": "*@example.org"})).await.expect(201);
    let all = user.get("/_sandbox/suppressions").await.expect(200);
    let entries: Vec<_> = all["data"].as_array().unwrap().iter().map(|it| (&it["email"], &it["source"])).collect();
    let bounced = json!("bounced@example.com");
    assert_eq!(entries, [(&bounced, &json!("system")), (&json!("*@example.org"), &json!("user"))]);
    let found = user.get("/_sandbox/suppressions?q=Bounced@&per_page=1").await.expect(200);
    assert_eq!((&found["data"], &found["total"]), (&json!([all["data"][0]]), &json!(1)));

    let path = "/_sandbox/suppressions/Bounced%40example.com";
    user.delete(&format!("{path}?account_id=1")).await.expect(404);
    assert_eq!(user.delete(path).await.expect(200), json!({"total": 1, "data": [all["data"][0]]}));
    user.delete(path).await.expect(404);
    let again = user.post("/v2/emails", user.email("bounced@example.com").await).await.expect(201);
    assert_eq!(again["data"]["status"], "queued");
}

#[tokio::test]
async fn the_fourth_soft_bounce_takes_a_contact_off_the_list() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let list = user.list().await;
    let email = user.email("soft-bounced@example.com").await;
    for (count, status) in [(1, "active"), (2, "active"), (3, "active"), (4, "bounced")] {
        user.submit(&email).await;
        sandbox.clock().advance(seconds(1));
        let contact = user.get(&format!("/lists/{list}/contacts")).await.expect(200)["data"][0].clone();
        assert_eq!((&contact["bounces_count"], &contact["status"]), (&json!(count), &json!(status)));
        assert_eq!(contact["last_bounce_type"], "soft");
    }
    assert_eq!(user.get("/suppressed-emails").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn an_unsubscribed_contact_gets_no_marketing() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("unsubscribed@example.com").await;
    user.submit(&email).await;
    sandbox.clock().advance(seconds(3));
    let status = |reply: Reply| reply.expect(201)["data"]["status"].clone();
    assert_eq!(status(user.post("/v2/emails", email.clone()).await), "queued");
    email["content"]["type"] = json!("marketing");
    assert_eq!(status(user.post("/v2/emails", email).await), "rejected");
}
