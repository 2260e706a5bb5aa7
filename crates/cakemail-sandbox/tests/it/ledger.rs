//! The ledger: how often each email was accepted, within bounded memory.

use cakemail_sandbox::Sandbox;
use serde_json::json;

use crate::support::{User, frozen, noon, seconds};

#[tokio::test]
async fn a_duplicate_is_the_same_key_or_the_same_submission() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let plain = user.email("a@example.com").await;
    let mut keyed = plain.clone();
    keyed["tags"] = json!(["key-1"]);
    let mut reworded = keyed.clone();
    reworded["content"]["subject"] = json!("Hello again");
    let mut other_key = keyed.clone();
    other_key["tags"] = json!(["key-2"]);
    let mut to_another = keyed.clone();
    to_another["email"] = json!("b@example.com");
    for (email, duplicates) in
        [(&plain, 0), (&plain, 1), (&keyed, 1), (&reworded, 2), (&other_key, 2), (&to_another, 2)]
    {
        user.submit(email).await;
        let ledger = sandbox.ledger();
        assert_eq!(ledger.duplicate_count(), duplicates, "{email}");
        assert_eq!(ledger.duplicates().len() as u64, duplicates);
    }
    let ledger = sandbox.ledger();
    assert_eq!((ledger.posts(), ledger.total(), ledger.unanswered()), (6, 6, 0));
    assert_eq!((ledger.accepted("a@example.com"), ledger.accepted("nobody@example.com")), (5, 0));
    assert_eq!(ledger.rows()[0].accepted_at, sandbox.clock().now());
}

#[tokio::test]
async fn the_order_of_fields_does_not_matter_for_duplicates() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let (list, sender) = (user.list().await, user.sender().await);
    let content = r#"{"type":"transactional","subject":"Hi","text":"Hi"}"#;
    let one = format!(r#"{{"email":"a@b.co","list_id":{list},"sender":{{"id":"{sender}"}},"content":{content}}}"#);
    let two = format!(r#"{{"content":{content}, "sender":{{"id":{sender:?}}}, "list_id":{list}, "email":"a@b.co"}}"#);
    for body in [one, two] {
        user.send("POST", "/v2/emails", "Content-Type: application/json\r\n", &body).await.expect(201);
    }
    assert_eq!(sandbox.ledger().duplicate_count(), 1);
}

#[tokio::test]
async fn accounts_do_not_share_duplicates() {
    let sandbox = Sandbox::builder().account("a@example.com", "a").account("b@example.com", "b").start().await.unwrap();
    for (email, password) in [("a@example.com", "a"), ("b@example.com", "b")] {
        let user = User::signed_in(&sandbox, email, password).await;
        let sender = user.post("/brands/default/senders", json!({"name": "S", "email": email})).await.expect(201);
        let content = json!({"type": "transactional", "subject": "Hi", "text": "Hi"});
        let list = user.list().await;
        let email = json!({
            "email": "c@example.com", "list_id": list, "sender": {"id": sender["id"]}, "content": content,
            "tags": ["key-1"],
        });
        user.submit(&email).await;
    }
    let ledger = sandbox.ledger();
    assert_eq!((ledger.accepted("c@example.com"), ledger.duplicate_count(), ledger.duplicates().len()), (2, 0, 0));
}

#[tokio::test]
async fn only_the_last_emails_are_kept_and_counts_stay_exact() {
    let sandbox = Sandbox::builder().clock(noon()).keep(10).start().await.unwrap();
    let user = User::of(&sandbox).await;
    let mut email = user.email("r@example.com").await;
    let mut ids = Vec::new();
    for n in 0..100 {
        email["email"] = json!(format!("r{}@example.com", n % 50));
        email["tags"] = json!([format!("key-{}", n % 50)]);
        ids.push(user.submit(&email).await);
    }
    let ledger = sandbox.ledger();
    assert_eq!((ledger.posts(), ledger.total(), ledger.duplicate_count()), (100, 100, 50));
    assert_eq!(ledger.rows().iter().map(|row| &row.id).collect::<Vec<_>>(), ids[90..].iter().collect::<Vec<_>>());
    assert_eq!((ledger.accepted("r49@example.com"), ledger.accepted("r1@example.com")), (1, 0));
    assert_eq!((sandbox.emails().len(), sandbox.requests().len()), (10, 10));
    user.get(&format!("/v2/emails/{}", ids[89])).await.expect(404);
    let contacts = user.get(&format!("/lists/{}/contacts?with_count=true", user.list().await)).await.expect(200);
    assert_eq!(contacts["pagination"]["count"], 10);
    sandbox.clock().advance(seconds(1));
    assert_eq!(user.get_email(&ids[99]).await["status"], "delivered");
    assert_eq!(user.get_email(&ids[90]).await["status"], "delivered");
    let delivered = user.get("/v2/logs/emails?log_type=delivered").await.expect(200);
    assert_eq!(delivered["data"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn events_count_as_memory() {
    let sandbox = Sandbox::builder().clock(noon()).memory(20_000).start().await.unwrap();
    let user = User::of(&sandbox).await;
    let email = user.email("ada@example.com").await;
    for _ in 0..100 {
        user.submit(&email).await;
    }
    let few = sandbox.emails().len();
    assert!((5..20).contains(&few), "{few}");
    sandbox.clock().advance(seconds(1));
    let last = sandbox.emails().pop().unwrap().id;
    for _ in 0..200 {
        // The email itself is dropped when it exceeds the memory.
        user.post(&format!("/_sandbox/messages/{last}/events"), json!({"kind": "open"})).await;
    }
    // A sandbox without requests shows the memory of the state alone.
    let (state, other) = (user.export().await, frozen().await);
    let other = User { sandbox: &other, token: String::new() };
    other.import(&state).await.expect(200);
    let used = other.get("/_sandbox/health").await.expect(200)["memory"]["used"].as_u64().unwrap();
    assert!(used <= 20_000, "{used}");
    assert_eq!(sandbox.ledger().total(), 100, "dropped emails are counted");
}

#[tokio::test]
async fn recipients_are_listed_only_within_the_memory_limit() {
    let sandbox = Sandbox::builder().clock(noon()).memory(20 * 1024).start().await.unwrap();
    let user = User::of(&sandbox).await;
    for n in 0..30 {
        user.submit(&user.email(&format!("r{n}@example.com")).await).await;
    }
    let contacts = format!("/lists/{}/contacts", user.list().await);
    let count = user.get(&format!("{contacts}?with_count=true")).await.expect(200)["pagination"]["count"].clone();
    assert_eq!(count, 10, "one for each 2 KiB");
    user.post(&contacts, json!({"email": "asked@example.com"})).await.expect(201);
}
