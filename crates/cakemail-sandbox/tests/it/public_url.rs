//! A sandbox that is reached by another URL than that of its address.

use cakemail_sandbox::{Builder, Sandbox, StartError};
use serde_json::{Value, json};

use crate::support::{Reply, User, exchange, noon, seconds};

const URL: &str = "https://mail.example.com/team/mail";

async fn behind_a_proxy() -> Sandbox {
    Sandbox::builder().clock(noon()).public_url("HTTPS://Mail.Example.com/team/mail/").start().await.unwrap()
}

async fn get(sandbox: &Sandbox, path: &str, headers: &str) -> Reply {
    let host = if headers.contains("Host: ") { "" } else { "Host: localhost\r\n" };
    let headers = format!("{host}{headers}");
    exchange(sandbox.addr(), format!("GET {path} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await
}

#[tokio::test]
async fn every_link_begins_with_the_public_url() {
    let sandbox = behind_a_proxy().await;
    assert_eq!(sandbox.url(), URL);
    let user = User::of(&sandbox).await;
    user.post("/brands/default/senders", json!({"name": "N", "email": "n@example.org"})).await.expect(201);
    let mail = sandbox.mailbox("n@example.org").remove(0);
    let mut email = user.email("opened@example.com").await;
    email["content"]["html"] = "<a href=\"https://example.com/\">Go</a>".into();
    email["content"]["type"] = "marketing".into();
    let id = user.submit(&email).await;
    sandbox.advance(seconds(10)).await;

    let tracked = user.get(&format!("/v2/emails/{id}/render?tracking=true")).await.text;
    let shown = user.get(&format!("/_sandbox/messages/{id}")).await.expect(200);
    let source = user.get(&format!("/_sandbox/messages/{id}/source")).await.text.replace("=\r\n", "");
    for (place, text) in [
        ("the confirmation", &mail.text),
        ("its link", &mail.link),
        ("the page", &tracked),
        ("the message", &shown.to_string()),
        ("the source", &source),
        ("curl", &sandbox.requests()[0].curl()),
    ] {
        assert!(text.contains(&format!("{URL}/")), "{place}: {text}");
        assert!(!text.contains("//127.0.0.1"), "{place}: {text}");
    }
    for field in ["preview", "as_submitted", "source"] {
        let href = shown[field].as_str().unwrap();
        assert!(href.starts_with("/team/mail/_sandbox/"), "{href}");
        assert_eq!(user.get(href).await.status, 200, "{href}");
    }
}

#[tokio::test]
async fn requests_arrive_with_and_without_the_path() {
    let sandbox = behind_a_proxy().await;
    let user = User::of(&sandbox).await;
    for path in [
        "/lists",
        "/team/mail/lists",
        "/_sandbox/health",
        "/team/mail/_sandbox/health",
        "/team/mail/",
        "/team/mail",
        "/",
    ] {
        assert_eq!(user.get(path).await.status, 200, "{path}");
    }
    assert_eq!(user.get("/team/lists").await.status, 404);
    assert!(sandbox.requests().iter().all(|request| !request.path.starts_with("/team/mail")));
}

#[tokio::test]
async fn pages_and_documents_are_at_the_public_url() {
    for (url, path) in [(Some(URL), "/team/mail"), (None, "")] {
        let builder = url.into_iter().fold(Sandbox::builder(), Builder::public_url);
        let sandbox = builder.start().await.unwrap();
        let page = get(&sandbox, "/", "").await.text;
        assert!(page.contains(&format!("<base href=\"{path}/\">")), "{page}");
        for attribute in ["src=\"", "href=\""] {
            let targets = page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap());
            for target in targets.filter(|target| !target.starts_with('#') && *target != format!("{path}/")) {
                assert!(!target.starts_with('/') && !target.contains("://"), "{target} is not relative");
                assert_eq!(get(&sandbox, &format!("{path}/{target}"), "").await.status, 200, "{target}");
            }
        }
        for document in ["/openapi.json", "/_sandbox/openapi.json"] {
            let document: Value = get(&sandbox, document, "").await.expect(200);
            assert_eq!(document["servers"], json!([{"url": sandbox.url()}]));
        }
    }
}

#[tokio::test]
async fn the_host_and_the_origin_of_the_public_url_are_allowed() {
    let sandbox = behind_a_proxy().await;
    let health = "/_sandbox/health";
    let origin = "https://mail.example.com";
    for host in ["mail.example.com", "MAIL.example.com:443", "localhost", "127.0.0.1:8025"] {
        get(&sandbox, health, &format!("Host: {host}\r\n")).await.expect(200);
        get(&sandbox, health, &format!("Host: {host}\r\nOrigin: {origin}\r\n")).await.expect(200);
    }
    for origin in ["http://mail.example.com", "https://mail.example.com:8443", "https://evil.example", "null"] {
        get(&sandbox, health, &format!("Host: localhost\r\nOrigin: {origin}\r\n")).await.expect(403);
    }
    // What a proxy or a page says of the request does not count.
    let forwarded = "X-Forwarded-Host: localhost\r\nX-Forwarded-Proto: https\r\nForwarded: host=localhost\r\n";
    get(&sandbox, health, &format!("Host: evil.example\r\n{forwarded}")).await.expect(403);
}

#[tokio::test]
async fn only_allowed_names_are_answered_on_every_address() {
    let builder = Sandbox::builder().listen("0.0.0.0:0".parse().unwrap()).allow_non_loopback();
    let sandbox = builder.allow_host("sandbox").allow_host("Mail.Test").start().await.unwrap();
    assert_eq!(sandbox.url(), format!("http://127.0.0.1:{}", sandbox.addr().port()));
    for (host, status) in [
        ("sandbox", 200),
        ("SANDBOX:8025", 200),
        ("mail.test", 200),
        ("localhost", 200),
        ("127.0.0.1", 200),
        // A page cannot make an address lead elsewhere.
        ("172.17.0.2:8025", 200),
        ("[2001:db8::1]", 200),
        ("evil.example", 403),
        ("sandbox.evil.example", 403),
        ("172.17.0.2.evil.example", 403),
        ("x.mail.test", 403),
    ] {
        let reply = get(&sandbox, "/_sandbox/health", &format!("Host: {host}\r\n")).await;
        assert_eq!(reply.status, status, "{host}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_setting_with_a_value_that_it_cannot_have_is_an_error() {
    let start = |builder: Builder| async { builder.start().await.map(drop).unwrap_err() };
    for (builder, name) in [
        (Sandbox::builder().public_url("mail.example.com"), "public_url"),
        (Sandbox::builder().public_url("https://a/v2"), "public_url"),
        (Sandbox::builder().public_url("https://a/_sandbox/mail"), "public_url"),
        (Sandbox::builder().allow_host("https://a"), "allow_host"),
        (Sandbox::builder().allow_host("a:80"), "allow_host"),
        (Sandbox::builder().allow_host(""), "allow_host"),
        (Sandbox::builder().control_token(""), "control_token"),
        (Sandbox::builder().control_token("a;b"), "control_token"),
        (Sandbox::builder().private(), "private"),
    ] {
        match start(builder).await {
            StartError::Setting { setting, .. } => assert_eq!(setting, name),
            other => panic!("{name}: {other}"),
        }
    }
}
