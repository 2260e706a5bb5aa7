//! What a person does with an email in the inbox, and what its lists and previews show.

use cakemail_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Reply, User, frozen, noon, seconds};

async fn submit(user: &User<'_>, recipient: &str, tag: &str) -> String {
    let mut email = user.email(recipient).await;
    email["tags"] = json!([tag]);
    user.submit(&email).await
}

fn message(id: &str, more: &str) -> String {
    format!("/_sandbox/messages/{id}{more}")
}

async fn list(user: &User<'_>, q: &str) -> Vec<String> {
    let found = user.get(&format!("/_sandbox/messages?q={q}")).await.expect(200);
    let rows = found["data"].as_array().unwrap().iter();
    rows.map(|row| row["recipient"].as_str().unwrap().split('@').next().unwrap().to_owned()).collect()
}

async fn put_read(user: &User<'_>, id: &str, read: bool) -> Reply {
    user.send("PUT", &message(id, "/read"), "content-type: application/json\r\n", &json!({"read": read}).to_string())
        .await
}

const UNKNOWN: &str = "3fbfa67e-c4c4-4e03-8dfd-556037960374";

#[tokio::test]
async fn an_email_is_unread_until_somebody_marks_it_as_read() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let anna = submit(&user, "anna@example.com", "a").await;
    submit(&user, "bob@example.com", "b").await;
    user.get(&message(&anna, "")).await.expect(200);
    user.get(&message(&anna, "/preview")).await;
    assert_eq!(list(&user, "is:unread").await, ["bob", "anna"], "showing an email does not mark it");
    let set = async |read: bool| put_read(&user, &anna, read).await.expect(200);
    assert_eq!(set(true).await, json!({"read": true}));
    assert_eq!(
        (list(&user, "is:unread").await, list(&user, "is:read").await),
        (vec!["bob".into()], vec!["anna".into()])
    );
    assert_eq!(user.get(&message(&anna, "")).await.expect(200)["message"]["read"], true);
    assert_eq!(user.get_email(&anna).await["open"], 0, "no open of the recipient");
    set(false).await;
    assert_eq!(list(&user, "is:unread").await, ["bob", "anna"]);
    put_read(&user, UNKNOWN, true).await.expect(404);
    assert_eq!(user.get("/_sandbox/messages?q=is:red").await.error_fields(422), ["query.q"]);
}

#[tokio::test]
async fn a_deleted_email_is_gone_and_the_others_keep_their_events() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut ids = Vec::new();
    for name in ["clicked+1", "clicked+2", "clicked+3"] {
        ids.push(submit(&user, &format!("{name}@example.com"), "key-same").await);
    }
    user.delete(&message(&ids[1], "")).await.expect(200);
    assert_eq!(list(&user, "").await, ["clicked+3", "clicked+1"]);
    user.get(&message(&ids[1], "")).await.expect(404);
    user.delete(&message(&ids[1], "")).await.expect(404);
    user.get(&format!("/v2/emails/{}", ids[1])).await.expect(404);
    sandbox.clock().advance(seconds(10));
    for id in [&ids[0], &ids[2]] {
        assert_eq!(user.get_email(id).await["status"], "click");
    }
    let logs = user.get("/v2/logs/emails?per_page=100").await.expect(200);
    assert!(!logs.to_string().contains(&ids[1]), "{logs}");
    submit(&user, "delivered@example.com", "b").await;
    sandbox.clock().advance(seconds(1));
    assert_eq!(list(&user, "status:delivered").await, ["delivered"]);
    assert_eq!(user.get("/_sandbox/ledger").await.expect(200)["accepted"], 4, "the ledger counts what was accepted");
}

#[tokio::test]
async fn read_marks_and_deletions_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || Sandbox::builder().data(folder.path().join("state")).clock(noon()).start().await.unwrap();
    let sandbox = start().await;
    let user = User::of(&sandbox).await;
    let (read, deleted) = (submit(&user, "read@example.com", "a").await, submit(&user, "gone@example.com", "a").await);
    submit(&user, "new@example.com", "a").await;
    put_read(&user, &read, true).await.expect(200);
    user.delete(&message(&deleted, "")).await.expect(200);
    sandbox.close().await;
    for _ in 0..2 {
        let sandbox = start().await;
        let user = User::of(&sandbox).await;
        assert_eq!(
            (list(&user, "is:read").await, list(&user, "").await),
            (vec!["read".into()], vec!["new".into(), "read".into()])
        );
        sandbox.close().await;
    }
}

#[tokio::test]
async fn an_email_says_which_events_can_happen_and_why_not() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let id = submit(&user, "stuck@example.com", "a").await;
    let objections = async || {
        let details = user.get(&message(&id, "")).await.expect(200);
        details["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["kind"].clone(), it["objection"].clone()))
            .collect::<Vec<_>>()
    };
    for _ in 0..2 {
        for (kind, objection) in objections().await {
            let added = user.post(&message(UNKNOWN, "/events"), json!({"kind": kind})).await;
            added.expect(404);
            let delivered = user.get_email(&id).await["status"] == "delivered";
            let needs_delivery = !["deliver", "soft_bounce", "hard_bounce"].contains(&kind.as_str().unwrap());
            assert_eq!(objection.is_null(), delivered == needs_delivery, "{kind}: {objection}");
        }
        user.post(&message(&id, "/events"), json!({"kind": "deliver"})).await;
    }
}

#[tokio::test]
async fn remote_pictures_are_loaded_only_when_the_preview_asks_for_them() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("anna@example.com").await;
    email["content"]["html"] =
        "<img src=\"https://a.example/x.png\" alt=\"A picture\"><script>alert(1)</script>".into();
    let id = user.submit(&email).await;
    let policy = |page: &Reply| page.header("content-security-policy").unwrap().to_owned();
    let without = user.get(&message(&id, "/preview")).await;
    assert!(!without.text.contains("a.example") && without.text.contains("A%20picture"), "{}", without.text);
    assert!(policy(&without).contains("img-src data:;"), "{}", policy(&without));
    let with = user.get(&message(&id, "/preview?images=true&scheme=dark")).await;
    assert!(with.text.contains("src=\"https://a.example/x.png\"") && !with.text.contains("script"), "{}", with.text);
    assert!(policy(&with).starts_with("sandbox; default-src 'none'; img-src data: http: https:;"), "{}", policy(&with));
    assert_eq!(user.get(&message(&id, "/preview?scheme=blue")).await.error_fields(422), ["query.scheme"]);
}

#[tokio::test]
async fn deliveries_are_listed_for_one_email_with_its_subject() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.post("/webhooks", json!({"event": "Email.Clicked", "url": "http://127.0.0.1:9/hook"})).await.expect(201);
    let ids = [submit(&user, "clicked+1@example.com", "a").await, submit(&user, "clicked+2@example.com", "a").await];
    sandbox.clock().advance(seconds(5));
    for (n, id) in ids.iter().enumerate() {
        let found = user.get(&format!("/_sandbox/deliveries?email_id={id}")).await.expect(200);
        assert_eq!((&found["total"], &found["data"][0]["email_id"]), (&json!(1), &json!(id)));
        assert_eq!(found["data"][0]["recipient"], format!("clicked+{}@example.com", n + 1));
        assert!(found["data"][0]["subject"].is_string(), "{found}");
    }
    user.delete(&message(&ids[0], "")).await.expect(200);
    let found = user.get(&format!("/_sandbox/deliveries?email_id={}", ids[0])).await.expect(200);
    assert_eq!(
        (&found["total"], &found["data"][0]["subject"]),
        (&json!(1), &Value::Null),
        "it stays without the email"
    );
}

#[tokio::test]
async fn a_request_says_what_it_was_about() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("anna@example.com").await;
    email["content"]["subject"] = "Hello".into();
    email["content"]["html"] = "x".repeat(40_000).into();
    let id = user.submit(&email).await;
    user.get(&format!("/v2/emails/{id}")).await.expect(200);
    user.post("/suppressed-emails", json!({"email": "eve@example.com"})).await.expect(201);
    user.get("/lists?page=1").await.expect(200);
    let found = user.get("/_sandbox/requests").await.expect(200);
    let about: Vec<_> = found["data"].as_array().unwrap().iter().map(|it| it["about"].as_str().unwrap_or("")).collect();
    assert_eq!(about[..4], ["page=1", "eve@example.com", "anna@example.com · Hello", "anna@example.com · Hello"]);
    assert_eq!(about.last(), Some(&sandbox.email()), "the user who signed in");
}

#[tokio::test]
async fn suppressions_are_searched_by_a_part_of_the_address() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for email in ["eve@example.com", "*@nowhere.example", "Ada@example.org"] {
        user.post("/suppressed-emails", json!({"email": email})).await.expect(201);
    }
    let search = async |query: &str| {
        let found = user.get(&format!("/_sandbox/suppressions?{query}")).await.expect(200);
        (found["data"].as_array().unwrap().len(), found["total"].as_u64().unwrap())
    };
    for (query, expected) in [("", (3, 3)), ("q=EXAMPLE.", (2, 2)), ("q=nobody", (0, 0)), ("per_page=2&page=2", (1, 3))]
    {
        assert_eq!(search(query).await, expected, "{query}");
    }
}
