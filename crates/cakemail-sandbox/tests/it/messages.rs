//! Messages in the control API, and the effects of their pixels and links.

use cakemail_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Reply, User, frozen, seconds};

const HTML: &str = "<html><body><p>Hello [firstname,you]</p><a href=\"https://a.example/é?x=1&amp;y=2\">a</a>\
                    <a href=\"[UNSUBSCRIBE]\">out</a><script>alert(1)</script></body></html>";

/// Submits an email with additional fields. Returns its id.
async fn submit(user: &User<'_>, recipient: &str, more: Value) -> String {
    let mut email = user.email(recipient).await;
    let content =
        json!({"type": "marketing", "subject": "Hello [firstname,you]", "html": HTML, "text": "See http://b.example."});
    email["content"] = content;
    email.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    user.submit(&email).await
}

/// The recipient names of a page of messages.
fn recipients(body: &Value) -> Vec<&str> {
    let rows = body["data"].as_array().unwrap().iter();
    rows.map(|row| row["recipient"].as_str().unwrap().split('@').next().unwrap()).collect()
}

fn message(id: &str, more: &str) -> String {
    format!("/_sandbox/messages/{id}{more}")
}

/// The kinds of an email's events.
async fn events(user: &User<'_>, id: &str) -> Vec<String> {
    let response = user.get(&message(id, "")).await.expect(200);
    let kind = |event: &Value| event["kind"].as_str().unwrap().to_owned();
    response["events"].as_array().unwrap().iter().map(kind).collect()
}

async fn add_event(user: &User<'_>, id: &str, event: Value) -> Reply {
    user.post(&message(id, "/events"), event).await
}

#[tokio::test]
async fn messages_are_listed_newest_first_searched_and_paged() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for (name, tag) in [("anna", "welcome"), ("bounced", "welcome"), ("opened", "news")] {
        submit(&user, &format!("{name}@example.com"), json!({"tags": [tag]})).await;
        sandbox.clock().advance(seconds(10));
    }
    let list = async |query: &str| user.get(&format!("/_sandbox/messages?{query}")).await.expect(200);
    let all = list("").await;
    assert_eq!((recipients(&all), &all["total"]), (vec!["opened", "bounced", "anna"], &json!(3)));
    assert_eq!(recipients(&list("per_page=2&page=2").await), ["anna"]);
    for (q, found) in [
        ("tag:welcome", vec!["bounced", "anna"]),
        ("status:bounced", vec!["bounced"]),
        ("status:open%20hello", vec!["opened"]),
        ("-to:anna%20tag:welcome", vec!["bounced"]),
        ("subject:%22hello%20you%22", vec!["opened", "bounced", "anna"]),
        ("after:2026-01-01T12:00:10Z", vec!["opened", "bounced"]),
        ("alert", vec![]),
        ("%22HELLO%20%20you%20aout%22", vec!["opened", "bounced", "anna"]),
    ] {
        let page = list(&format!("q={q}")).await;
        assert_eq!(recipients(&page), found, "{q}");
        assert_eq!((&page["total"], &page["total_is_exact"]), (&json!(found.len()), &json!(true)), "{q}");
    }
    let account = all["data"][0]["account_id"].as_i64().unwrap();
    assert_eq!(list(&format!("account_id={account}")).await["total"], 3);
    assert_eq!(list(&format!("account_id={}", account + 1)).await["total"], 0);
    let row = &all["data"][0];
    assert_eq!((&row["subject"], &row["status"], &row["opens"]), (&json!("Hello you"), &json!("open"), &json!(1)));

    let wrong = user.get("/_sandbox/messages?q=form:anna").await;
    assert_eq!(wrong.error_fields(422), ["query.q"]);
    assert!(wrong.text.contains("from:"), "{}", wrong.text);
}

#[tokio::test]
async fn a_message_has_all_its_parts() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let file = json!({"filename": "a.pdf", "type": "pdf", "content": "aGVsbG8="});
    let id = submit(&user, "clicked@example.com", json!({"attachment": file})).await;
    let response = user.get(&message(&id, "")).await.expect(200);
    assert!(response["html"].as_str().unwrap().contains("<p>Hello you</p><a href=\"https://a.example/é"));
    assert_eq!(response["text"], "See http://b.example.");
    let urls: Vec<_> = response["links"].as_array().unwrap().iter().map(|it| &it["url"]).collect();
    assert_eq!(urls, ["https://a.example/é?x=1&y=2", "http://b.example"]);
    let href = message(&id, "/attachments/0");
    assert_eq!(response["files"], json!([{"name": "a.pdf", "type": "pdf", "size": 5, "href": href}]));
    let kinds =
        |field: &str| response[field].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect::<Vec<_>>();
    assert_eq!(
        (kinds("events"), kinds("planned")),
        (vec![json!("submitted"), json!("queued")], vec![json!("delivered"), json!("open"), json!("click")])
    );
    assert!(response["headers"].as_array().unwrap().contains(&json!({"name": "Subject", "value": "Hello you"})));
    assert_eq!(response["submission"]["content"]["subject"], "Hello [firstname,you]");

    let file = user.get(&href).await;
    assert_eq!((file.status, file.text.as_str()), (200, "hello"));
    assert_eq!(file.header("content-type"), Some("application/octet-stream"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename*=UTF-8''a.pdf"));
    assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    user.get(&message(&id, "/attachments/1")).await.expect(404);

    let source = user.get(response["source"].as_str().unwrap()).await;
    assert_eq!(source.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(source.text.contains("\r\nList-Unsubscribe: <http://127.0.0.1:"), "{}", source.text);
    assert_eq!(user.get(&message(&id, "/source")).await.text, source.text, "the source is reproducible");

    for path in ["", "/preview", "/source", "/attachments/0"] {
        user.get(&message("3fbfa67e-c4c4-4e03-8dfd-556037960374", path)).await.expect(404);
    }
}

#[tokio::test]
async fn showing_a_message_is_not_an_open() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let id = submit(&user, "anna@example.com", json!({})).await;
    sandbox.clock().advance(seconds(1));
    for (path, words) in [("/preview", "Hello you"), ("/preview?as_submitted=true", "Hello [firstname,you]")] {
        let page = user.get(&message(&id, path)).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(page.text.contains(words) && page.text.contains("href=\"#_\""), "{}", page.text);
        for absent in ["<script", "alert", "href=\"http", "/_sandbox/open", "src="] {
            assert!(!page.text.contains(absent), "{absent}: {}", page.text);
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("sandbox; default-src 'none'; "), "{policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cross-origin-resource-policy"), Some("same-origin"));
    }
    user.get(&message(&id, "/source")).await;
    user.get(&format!("/v2/emails/{id}/render?tracking=true")).await;
    assert_eq!(events(&user, &id).await, ["submitted", "queued", "delivered"]);
}

#[tokio::test]
async fn rendering_merges_and_tracks_on_request() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let contacts = format!("/lists/{}/contacts", user.list().await);
    let attributes = json!([{"name": "firstname", "value": "Zoë <b>"}]);
    let contact = json!({"email": "zoe@example.com", "custom_attributes": attributes});
    let contact = user.post(&contacts, contact).await.expect(201);
    let id = submit(&user, "zoe@example.com", json!({})).await;
    let later = json!({"custom_attributes": [{"name": "firstname", "value": "Later"}]});
    user.patch(&format!("{contacts}/{}", contact["id"]), later).await.expect(200);

    let render = async |query: &str| user.get(&format!("/v2/emails/{id}/render{query}")).await;
    let plain = render("").await;
    assert_eq!(plain.header("x-sandbox-fidelity"), Some("assumed"));
    assert!(
        plain.text.contains("<p>Hello Zoë &lt;b&gt;</p>"),
        "with the values at the time of the submission: {}",
        plain.text
    );
    let out = format!("{}/_sandbox/unsubscribe/{id}", sandbox.url());
    assert!(plain.text.contains(&format!("<a href=\"{out}\">")), "{}", plain.text);
    assert!(!plain.text.contains("/_sandbox/click/") && !plain.text.contains("/_sandbox/open/"));
    let tracked = render("?tracking=true").await.text;
    assert!(tracked.contains(&format!("<a href=\"{}/_sandbox/click/{id}/0\">a</a>", sandbox.url())), "{tracked}");
    assert!(tracked.contains(&format!("<img src=\"{}/_sandbox/open/{id}\"", sandbox.url())), "{tracked}");
    assert_eq!(render("?as_submitted=true&tracking=true").await.text, HTML);
}

#[tokio::test]
async fn an_added_event_has_its_side_effects() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for (kind, logged, flag, standing, suppressed) in [
        ("deliver", "delivered", "", "active", false),
        ("open", "open", "", "active", false),
        ("click", "click", "", "active", false),
        ("unsubscribe", "unsubscribe", "unsubscribed", "unsubscribed", false),
        ("complain", "spam", "reported_as_spam", "spam", true),
        ("soft_bounce", "bounce", "soft_bounced", "active", false),
        ("hard_bounce", "bounce", "hard_bounced", "bounced", true),
    ] {
        let recipient = format!("stuck+{kind}@example.com");
        let id = submit(&user, &recipient, json!({})).await;
        if !matches!(kind, "deliver" | "soft_bounce" | "hard_bounce") {
            assert_eq!(add_event(&user, &id, json!({"kind": kind})).await.error_fields(400), ["body.kind"], "{kind}");
            add_event(&user, &id, json!({"kind": "deliver"})).await.expect(201);
        }
        let event = add_event(&user, &id, json!({"kind": kind})).await.expect(201);
        assert_eq!((&event["email_id"], &event["recipient"]), (&json!(id), &json!(recipient)));
        assert_eq!(event["time"], "2026-01-01T12:00:00.000Z");
        let response = user.get_email(&id).await;
        assert_eq!(response["status"], logged);
        assert!(flag.is_empty() || response[flag] == true, "{kind}: {response}");
        let logs = user.get(&format!("/v2/logs/emails?email_id={id}")).await.expect(200);
        assert!(logs["data"].as_array().unwrap().iter().any(|it| it["type"] == logged), "{kind}: {logs}");
        let contacts = user.get(&format!("/lists/{}/contacts?per_page=50", user.list().await)).await.expect(200);
        let contact = contacts["data"].as_array().unwrap().iter().find(|it| it["email"] == recipient.as_str()).unwrap();
        assert_eq!(contact["status"], standing, "{kind}");
        let patterns = user.get("/suppressed-emails").await.expect(200);
        let listed = patterns["data"].as_array().unwrap().iter().any(|it| it["email"] == recipient.as_str());
        assert_eq!(listed, suppressed, "{kind}: {patterns}");
        assert_eq!(add_event(&user, &id, json!({"kind": "deliver"})).await.error_fields(400), ["body.kind"], "{kind}");
    }
}

#[tokio::test]
async fn planned_events_that_became_impossible_do_not_happen() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let id = submit(&user, "clicked@example.com", json!({})).await;
    add_event(&user, &id, json!({"kind": "hard_bounce"})).await.expect(201);
    sandbox.clock().advance(seconds(60));
    assert_eq!(events(&user, &id).await, ["submitted", "queued", "hard_bounce"]);

    let id = submit(&user, "opened+early@example.com", json!({})).await;
    add_event(&user, &id, json!({"kind": "deliver"})).await.expect(201);
    sandbox.clock().advance(seconds(60));
    assert_eq!(events(&user, &id).await, ["submitted", "queued", "delivered", "open"]);
}

#[tokio::test]
async fn a_click_event_names_its_link() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let id = submit(&user, "anna@example.com", json!({})).await;
    sandbox.clock().advance(seconds(1));
    let clicked = add_event(&user, &id, json!({"kind": "click", "link": 1})).await.expect(201);
    assert_eq!(clicked["metadata"], json!({"link": "http://b.example"}));
    assert_eq!(add_event(&user, &id, json!({"kind": "click", "link": 2})).await.error_fields(400), ["body.link"]);
    assert_eq!(add_event(&user, &id, json!({"kind": "sneeze"})).await.error_fields(422), ["body.kind"]);
}

#[tokio::test]
async fn the_pixel_logs_an_open_after_the_delivery() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let early = submit(&user, "stuck@example.com", json!({})).await;
    let silent = submit(&user, "silent@example.com", json!({"tracking": {"opens": false}})).await;
    let tracked = submit(&user, "tracked@example.com", json!({})).await;
    sandbox.clock().advance(seconds(1));
    for (id, opens) in [(&early, 0), (&silent, 0), (&tracked, 2)] {
        for _ in 0..2 {
            let head = pixel(&sandbox, id).await;
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-type: image/gif\r\n"), "{head}");
            assert!(head.contains("cache-control: no-store"), "{head}");
        }
        assert_eq!(user.get_email(id).await["open"], opens);
    }
    user.get("/_sandbox/open/3fbfa67e-c4c4-4e03-8dfd-556037960374").await.expect(404);
}

/// Requests the pixel, which is not text. Returns the head of the response.
async fn pixel(sandbox: &Sandbox, id: &str) -> String {
    let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
    let request = format!("GET /_sandbox/open/{id} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n").filter(|end| bytes.len() >= end + 47) {
            break end;
        }
    };
    assert_eq!((&bytes[end + 4..end + 10], bytes.len() - end - 4), (&b"GIF89a"[..], 43));
    String::from_utf8(bytes[..end + 2].to_vec()).unwrap()
}

#[tokio::test]
async fn a_tracked_link_logs_a_click_and_redirects() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let early = submit(&user, "stuck@example.com", json!({})).await;
    let silent = submit(&user, "silent@example.com", json!({"tracking": {"clicks_html": false}})).await;
    let tracked = submit(&user, "tracked@example.com", json!({})).await;
    sandbox.clock().advance(seconds(1));
    for (id, clicks) in [(&early, [0, 0]), (&silent, [0, 1]), (&tracked, [1, 2])] {
        for (link, url, clicks) in
            [(0, "https://a.example/%C3%A9?x=1&y=2", clicks[0]), (1, "http://b.example", clicks[1])]
        {
            let answer = user.get(&format!("/_sandbox/click/{id}/{link}")).await;
            assert_eq!((answer.status, answer.header("location")), (302, Some(url)));
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
            let response = user.get_email(id).await;
            assert_eq!((&response["click"], &response["open"]), (&json!(clicks), &json!(0)), "{url}");
        }
        user.get(&format!("/_sandbox/click/{id}/2")).await.expect(404);
    }
}

#[tokio::test]
async fn unsubscribing_twice_has_one_effect() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let id = submit(&user, "zoe@example.com", json!({})).await;
    let leave = async || user.get(&format!("/_sandbox/unsubscribe/{id}")).await;
    assert!(leave().await.text.contains("cannot unsubscribe by this email. It was not delivered yet."));
    sandbox.clock().advance(seconds(1));
    let page = leave().await;
    assert!(page.text.contains("zoe@example.com has unsubscribed."), "{}", page.text);
    assert_eq!((page.status, page.header("content-security-policy")), (200, Some("sandbox; default-src 'none'")));
    assert!(leave().await.text.contains("zoe@example.com had unsubscribed already."));
    assert_eq!(events(&user, &id).await, ["submitted", "queued", "delivered", "unsubscribe"]);
    let mut email = user.email("zoe@example.com").await;
    email["content"]["type"] = json!("marketing");
    let again = user.post("/v2/emails", email).await.expect(201);
    assert_eq!(again["data"]["status"], "rejected", "a marketing email to an unsubscribed contact");
}
