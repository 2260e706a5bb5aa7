//! Validation: each field error has the location of the field and the fix.

use cakemail_model::{check_address, check_header_name, check_line};
use serde_json::{Value, json};

use crate::support::{User, exchange, frozen};

#[tokio::test]
async fn addresses_headers_and_subjects_follow_the_rules_of_the_model() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let texts =
        ["ada@example.com", "अदा@हिन्दी.भारत", "ada@exa\u{308}mple.fr", "a\u{200b}da@example.com", "ada@example"];
    let lines = ["Hello", "a\nb", "a\0", "a\tb", "नमस्ते"];
    let headers = ["X-Order", "Subject", "from", "Message-ID", "List-Unsubscribe", "Content-Type", "a b", ""];
    for kind in ["marketing", "transactional"] {
        for (email, subject, name, value) in texts
            .map(|text| (text, "Hi", "X-A", "1"))
            .into_iter()
            .chain(lines.map(|line| ("ada@example.com", line, "X-A", line)))
            .chain(headers.map(|name| ("ada@example.com", "Hi", name, "1")))
        {
            let body = json!({
                "email": email,
                "content": {"type": kind, "subject": subject, "html": "<p>Hi</p>"},
                "additional_headers": [{"name": name, "value": value}],
            });
            let found = user.post("/v2/emails", body).await.error_fields(422);
            for (field, reason) in [
                ("body.email", check_address(email)),
                ("body.content.subject", check_line(subject)),
                ("body.additional_headers.0.name", check_header_name(name, kind == "marketing")),
                ("body.additional_headers.0.value", check_line(value)),
            ] {
                let is_found = found.iter().any(|found| found == field);
                assert_eq!(is_found, reason.is_some(), "{kind} {email:?} {subject:?} {name:?}: {field}, {found:?}");
            }
        }
    }
}

#[tokio::test]
async fn all_field_errors_are_reported_at_once() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let email = json!({
        "email": "not an address",
        "list_id": "7",
        "contact_id": 0,
        "sender": {"name": ""},
        "tags": ["fine", "not fine", 3, ""],
        "content": {"type": "spam", "html": "", "template": {"id": 1}, "custom_attributes": [{"name": "a"}]},
        "tracking": {"opens": "yes"},
        "additional_headers": [{"name": "X-A", "value": "1"}, {"name": "BCC", "value": "x"}, "X-B: 2"],
        "attachment": [{"filename": "run.exe", "type": "exe", "content": "***"}],
    });
    let reply = user.post("/v2/emails", email).await;
    let mut faults = reply.error_fields(422);
    faults.sort();
    let expected = [
        "body.additional_headers.1.name",
        "body.additional_headers.2",
        "body.attachment.0.content",
        "body.attachment.0.filename",
        "body.attachment.0.type",
        "body.contact_id",
        "body.content",
        "body.content.custom_attributes.0.value",
        "body.content.html",
        "body.content.subject",
        "body.content.type",
        "body.email",
        "body.list_id",
        "body.sender.id",
        "body.sender.name",
        "body.tags.1",
        "body.tags.2",
        "body.tags.3",
        "body.tracking.opens",
    ];
    assert_eq!(faults, expected);
    for entry in reply.json()["detail"].as_array().unwrap() {
        let (msg, kind) = (entry["msg"].as_str().unwrap(), entry["type"].as_str().unwrap());
        assert!(msg.len() > 12 && !kind.is_empty(), "{entry}");
    }
}

#[tokio::test]
async fn messages_say_how_to_fix_the_field() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@b.co").await;
    email["tags"] = json!(["two words"]);
    email["content"]["type"] = json!("other");
    let body = user.post("/v2/emails", email).await.expect(422);
    let entry =
        |place: &Value| body["detail"].as_array().unwrap().iter().find(|it| it["loc"] == *place).unwrap().clone();
    let tag = json!({
        "loc": ["body", "tags", 0],
        "msg": "This must be made of letters, digits, - and _ only",
        "type": "string_pattern_mismatch",
    });
    assert_eq!(entry(&tag["loc"]), tag);
    let kind = entry(&json!(["body", "content", "type"]));
    assert_eq!(kind["msg"], r#"This must be one of "marketing", "transactional""#);
}

#[tokio::test]
async fn path_and_query_are_checked_together() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let faults = user.get("/lists/zero/contacts?page=0&per_page=x&with_count=maybe&json={").await.error_fields(422);
    assert_eq!(faults, ["path.list_id", "query.json", "query.page", "query.per_page", "query.with_count"]);
    assert_eq!(user.get("/v2/emails/not-a-uuid").await.error_fields(422), ["path.email_id"]);
    let faults =
        user.get("/v2/logs/emails?per_page=101&log_type=opened&email_id=1&start_time=0").await.error_fields(422);
    assert_eq!(faults, ["query.log_type", "query.email_id", "query.per_page", "query.start_time"]);
    user.get("/lists?page=1&per_page=5&unknown=1").await.expect(200);
}

#[tokio::test]
async fn a_json_error_has_its_offset() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let json = "Content-Type: application/json\r\n";
    let reply = user.send("POST", "/v2/emails", json, "{\"email\":\n oops}").await;
    assert_eq!(reply.error_fields(422), ["body.11"]);
    assert_eq!(reply.json()["detail"][0]["type"], "json_invalid");
    assert_eq!(user.send("POST", "/v2/emails", json, "").await.error_fields(422), ["body"]);
    assert_eq!(user.send("POST", "/v2/emails", json, "[]").await.error_fields(422), ["body"]);
    let other = user.send("POST", "/v2/emails", "Content-Type: text/plain\r\n", "{}").await;
    assert!(other.json()["detail"][0]["msg"].as_str().unwrap().contains("Content-Type: application/json"));
    assert_eq!(other.error_fields(422), ["body"]);
    let deep = "[".repeat(100_000);
    assert_eq!(user.send("POST", "/v2/emails", json, &deep).await.status, 422);
    let email = user.email("a@b.co").await.to_string();
    user.send("POST", "/v2/emails", "", &email).await.expect(201);
    user.send("POST", "/v2/emails", "Content-Type: Application/vnd.x+json; charset=utf-8\r\n", &email)
        .await
        .expect(201);
}

#[tokio::test]
async fn null_counts_as_absent_and_unknown_fields_are_ignored() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@b.co").await;
    for name in ["tags", "tracking", "additional_headers", "attachment", "contact_id", "unheard_of"] {
        email[name] = Value::Null;
    }
    for name in ["text", "template", "encoding", "custom_attributes", "markup"] {
        email["content"][name] = Value::Null;
    }
    email["future"] = json!({"field": 1});
    let id = user.submit(&email).await;
    assert_eq!(user.get_email(&id).await["tags"], json!([]));
    email["content"]["subject"] = Value::Null;
    email["sender"] = Value::Null;
    let mut faults = user.post("/v2/emails", email).await.error_fields(422);
    faults.sort();
    assert_eq!(faults, ["body.content.subject", "body.sender"]);
}

#[tokio::test]
async fn an_attachment_is_an_object_or_a_list() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let good = json!({"filename": "a-1_b.pdf", "type": "pdf", "content": "aGVsbG8="});
    let mut email = user.email("a@b.co").await;
    for (attachment, faults) in [
        (good.clone(), vec![]),
        (json!([good, good]), vec![]),
        (json!({"filename": "../a.pdf", "type": "pdf", "content": "aGVsbG8="}), vec!["body.attachment.filename"]),
        (json!([good, {"filename": "a.pdf", "type": "pdf", "content": "aGVsbG8"}]), vec!["body.attachment.1.content"]),
        (json!([good, {"filename": "a.pdf"}]), vec!["body.attachment.1.type", "body.attachment.1.content"]),
        (json!("a.pdf"), vec!["body.attachment"]),
    ] {
        email["attachment"] = attachment;
        let reply = user.post("/v2/emails", email.clone()).await;
        match faults.is_empty() {
            true => drop(reply.expect(201)),
            false => assert_eq!(reply.error_fields(422), faults),
        }
    }
}

#[tokio::test]
async fn unknown_routes_methods_and_large_bodies_are_refused() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let unknown = user.get("/v1/unheard/of").await;
    assert_eq!(unknown.header("x-sandbox-fidelity"), Some("assumed"));
    assert_eq!(unknown.expect(404), json!({"detail": "Not Found"}));
    let wrong = user.delete("/v2/emails").await;
    assert_eq!(wrong.header("allow"), Some("OPTIONS, POST"));
    assert_eq!(wrong.expect(405), json!({"detail": "Method Not Allowed"}));
    assert_eq!(user.send("POST", "/_sandbox/health", "", "").await.status, 405);
    let fixed = user.get("/brands/default/senders/confirm-email").await;
    assert_eq!((fixed.status, fixed.header("allow")), (405, Some("OPTIONS, POST")));

    let head = "POST /v2/emails HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000000\r\n\r\n";
    let reply = exchange(sandbox.addr(), head.as_bytes()).await;
    assert!(reply.expect(413)["detail"][0]["msg"].as_str().unwrap().contains("larger"));
}
