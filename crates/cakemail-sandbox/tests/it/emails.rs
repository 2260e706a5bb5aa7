//! Submissions that are accepted or refused, and the events of emails.

use serde_json::{Value, json};

use crate::support::{Reply, User, frozen, seconds};

#[tokio::test]
async fn each_recipient_name_has_its_lifecycle() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let lives: &[(&str, &str, &str, &[&str])] = &[
        ("anyone", "queued", "delivered", &["submitted", "queued", "delivered"]),
        ("delivered", "queued", "delivered", &["submitted", "queued", "delivered"]),
        ("opened", "queued", "open", &["submitted", "queued", "delivered", "open"]),
        ("clicked+label", "queued", "click", &["submitted", "queued", "delivered", "open", "click"]),
        ("bounced", "queued", "bounce", &["submitted", "queued", "bounce"]),
        ("soft-bounced", "queued", "bounce", &["submitted", "queued", "bounce"]),
        ("complained", "queued", "spam", &["submitted", "queued", "delivered", "open", "spam"]),
        ("unsubscribed", "queued", "unsubscribe", &["submitted", "queued", "delivered", "open", "unsubscribe"]),
        ("rejected", "rejected", "rejected", &["submitted", "rejected"]),
        ("error", "error", "error", &["submitted", "error"]),
        ("stuck", "queued", "queued", &["submitted", "queued"]),
    ];
    let mut sent = Vec::new();
    for (name, first, ..) in lives {
        let email = user.email(&format!("{name}@example.com")).await;
        let answer = user.post("/v2/emails", email).await.expect(201);
        assert_eq!(answer["data"]["status"], *first, "{name}");
        sent.push(answer["data"]["id"].as_str().unwrap().to_owned());
    }
    sandbox.clock().advance(seconds(3));
    for ((name, _, last, events), id) in lives.iter().zip(&sent) {
        let response = user.get_email(id).await;
        assert_eq!(response["status"], *last, "{name}");
        let count = |word: &str| json!(events.iter().filter(|it| **it == word).count());
        assert_eq!((&response["open"], &response["click"]), (&count("open"), &count("click")), "{name}");
        let flag = |field: &str, it: &str| assert_eq!(response[field], *name == it, "{field} of {name}");
        flag("hard_bounced", "bounced");
        flag("soft_bounced", "soft-bounced");
        flag("reported_as_spam", "complained");
        flag("unsubscribed", "unsubscribed");
        let logs = user.get(&format!("/v2/logs/emails?email_id={id}&sort=%2Btime")).await.expect(200);
        let words: Vec<_> = logs["data"].as_array().unwrap().iter().map(|it| it["type"].as_str().unwrap()).collect();
        assert_eq!(words, *events, "{name}");
        let why = &logs["data"].as_array().unwrap().last().unwrap()["metadata"];
        assert_eq!(why["reason"].is_string(), *last == "rejected");
        assert_eq!(why["error"].is_string(), *last == "error");
    }
}

#[tokio::test]
async fn events_happen_at_their_times() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let id = user.submit(&user.email("clicked@example.com").await).await;
    for status in ["queued", "delivered", "open", "click", "click"] {
        assert_eq!(user.get_email(&id).await["status"], status);
        assert_eq!(sandbox.emails()[0].status, status);
        sandbox.clock().advance(seconds(1));
    }
}

#[tokio::test]
async fn an_email_is_returned_with_its_submission() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("Someone@Gmail.com").await;
    let sender: i64 = email["sender"]["id"].as_str().unwrap().parse().unwrap();
    email["sender"] = json!({"id": sender, "name": "Other name"});
    email["tags"] = json!(["a", "b"]);
    email["tracking"] = json!({"clicks_text": false});
    email["additional_headers"] = json!([{"name": "X-Order", "value": "7", "more": 1}]);
    email["content"]["custom_attributes"] = json!([{"name": "city", "value": "Lyon"}]);
    let id = user.submit(&email).await;
    let response = user.get_email(&id).await;
    assert_eq!(response["submitted_time"], 1_767_268_800);
    assert_eq!(
        response["sender"],
        json!({"id": sender.to_string(), "name": "Other name", "email": "sandbox@example.com"})
    );
    assert_eq!(response["tracking"], json!({"opens": true, "clicks_html": true, "clicks_text": false}));
    assert_eq!(response["additional_headers"], json!([{"name": "X-Order", "value": "7"}]));
    assert_eq!(response["content"]["custom_attributes"], email["content"]["custom_attributes"]);
    assert_eq!((&response["tags"], &response["list_id"]), (&email["tags"], &email["list_id"]));
    let accepted = sandbox.emails().pop().unwrap();
    assert_eq!((accepted.id, accepted.tags), (id, vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!((accepted.recipient.as_str(), accepted.subject.as_str()), ("Someone@Gmail.com", "Hello"));
    assert_eq!(accepted.submission["content"]["html"], "<p>Hello</p>");
}

#[tokio::test]
async fn content_is_either_written_or_a_template() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@b.co").await;
    let bare = json!({"type": "marketing", "subject": "s"});
    for (more, status, rendered) in [
        (json!({}), 422, ""),
        (json!({"html": "<b>h</b>", "template": {"id": 7}}), 422, ""),
        (json!({"html": "<b>h</b>", "text": "t"}), 201, "<b>h</b>"),
        (json!({"text": "1 < 2"}), 201, ">1 &lt; 2</pre>"),
        (json!({"template": {"id": 7}}), 201, ">Template 7, whose content the sandbox does not have.<"),
    ] {
        email["content"] = bare.clone();
        email["content"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let reply = user.post("/v2/emails", email.clone()).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        match status {
            422 => assert_eq!(reply.error_fields(422), ["body.content"]),
            _ => {
                let path =
                    format!("/v2/emails/{}/render?as_submitted=true", reply.json()["data"]["id"].as_str().unwrap());
                let render = user.get(&path).await;
                assert_eq!(render.header("content-type"), Some("text/html; charset=utf-8"));
                assert!(render.text.contains(rendered), "{}", render.text);
            }
        }
    }
    user.get("/v2/emails/3fbfa67e-c4c4-4e03-8dfd-556037960374/render").await.expect(404);
}

#[tokio::test]
async fn an_invalid_sender_is_refused() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@b.co").await;
    let refused = |reply: Reply, word: &str| {
        assert_eq!(reply.header("x-sandbox-fidelity"), Some("documented"));
        assert_eq!(reply.error_fields(400), ["body.sender.id"]);
        let msg = reply.json()["detail"][0]["msg"].as_str().unwrap().to_owned();
        assert!(msg.starts_with("Invalid sender") && msg.contains(word), "{msg}");
    };
    sandbox.set_domains_valid(false);
    refused(user.post("/v2/emails", email.clone()).await, "SPF/DKIM");
    sandbox.set_domains_valid(true);
    user.post("/v2/emails", email.clone()).await.expect(201);
    email["sender"]["id"] = json!("999");
    refused(user.post("/v2/emails", email.clone()).await, "not found");
    let other = user.post("/brands/default/senders", json!({"name": "O", "email": "o@example.org"})).await.expect(201);
    email["sender"]["id"] = other["id"].clone();
    refused(user.post("/v2/emails", email).await, "not confirmed");
}

#[tokio::test]
async fn an_unknown_archived_or_deleted_list_is_refused() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@b.co").await;
    let list = email["list_id"].clone();
    let message = |reply: Reply| {
        assert_eq!(reply.error_fields(400), ["body.list_id"]);
        reply.json()["detail"][0]["msg"].as_str().unwrap().to_owned()
    };
    user.post(&format!("/lists/{list}/archive"), json!({})).await.expect(200);
    assert!(message(user.post("/v2/emails", email.clone()).await).contains("archived"));
    user.delete(&format!("/lists/{list}")).await.expect(200);
    assert!(message(user.post("/v2/emails", email.clone()).await).contains("GET /lists"));
    email["list_id"] = json!(999_999);
    assert!(message(user.post("/v2/emails", email.clone()).await).contains("not found"));
    email["list_id"] = Value::Null;
    assert!(message(user.post("/v2/emails", email).await).contains("List management"));
    assert!(sandbox.emails().is_empty());
}

#[tokio::test]
async fn a_contact_id_replaces_address_and_list() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("first@example.net").await;
    let list = email["list_id"].clone();
    user.submit(&email).await;
    let contacts = user.get(&format!("/lists/{list}/contacts")).await.expect(200);
    assert_eq!(contacts["data"][0]["email"], "first@example.net", "an unlisted recipient is added");
    assert_eq!(contacts["data"][0]["status"], "active");
    user.submit(&email).await;
    assert_eq!(user.get(&format!("/lists/{list}/contacts")).await.json()["data"].as_array().unwrap().len(), 1);

    email["list_id"] = Value::Null;
    email["email"] = Value::Null;
    assert_eq!(user.post("/v2/emails", email.clone()).await.error_fields(422), ["body.email"]);
    email["contact_id"] = contacts["data"][0]["id"].clone();
    let response = user.get_email(&user.submit(&email).await).await;
    assert_eq!((&response["email"], &response["list_id"]), (&json!("first@example.net"), &list));
    email["contact_id"] = json!(999_999);
    assert_eq!(user.post("/v2/emails", email.clone()).await.error_fields(400), ["body.contact_id"]);
    email["contact_id"] = Value::Null;
    email["email"] = json!("second@example.net");
    email["without_list_management"] = json!(true);
    assert_eq!(user.get_email(&user.submit(&email).await).await["list_id"], Value::Null);
}

#[tokio::test]
async fn cc_and_bcc_headers_are_refused() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@b.co").await;
    email["additional_headers"] = json!([{"name": "Reply-To", "value": "r@b.co"}, {"name": "Cc", "value": "c@b.co"}]);
    assert_eq!(user.post("/v2/emails", email).await.error_fields(422), ["body.additional_headers.1.name"]);
}
