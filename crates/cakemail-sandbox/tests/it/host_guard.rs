//! Requests are accepted or refused by Host, Origin and the browser's fetch metadata.

use cakemail_sandbox::Sandbox;

use crate::support::{Reply, exchange, frozen};

/// A request without a body, with these headers.
async fn request(sandbox: &Sandbox, line: &str, headers: &[(&str, &str)]) -> Reply {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    exchange(sandbox.addr(), format!("{line}\r\n{headers}\r\n").as_bytes()).await
}

const HEALTH: &str = "GET /_sandbox/health HTTP/1.1";
const RESET: &str = "POST /_sandbox/reset HTTP/1.1";

#[tokio::test]
async fn another_host_name_is_refused_on_every_path() {
    let sandbox = frozen().await;
    for host in
        ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "[::2]", "é"]
    {
        for line in [
            HEALTH,
            RESET,
            "GET / HTTP/1.1",
            "GET /openapi.json HTTP/1.1",
            "GET /lists HTTP/1.1",
            "POST /token HTTP/1.1",
        ] {
            let reply = request(&sandbox, line, &[("Host", host)]).await;
            assert_eq!(reply.expect(403)["detail"][0]["type"], "forbidden", "{host}: {line}");
        }
    }
    assert!(sandbox.requests().is_empty(), "a refused request is not stored");
}

#[tokio::test]
async fn names_of_this_machine_are_allowed() {
    let sandbox = frozen().await;
    let port = sandbox.addr().port();
    for host in ["127.0.0.1", "127.0.0.1:1", "localhost", "LocalHost:80", "inbox.localhost", "[::1]", "[::1]:8080"] {
        request(&sandbox, HEALTH, &[("Host", host)]).await.expect(200);
    }
    request(&sandbox, HEALTH, &[("Host", &format!("127.0.0.1:{port}"))]).await.expect(200);
    request(&sandbox, "GET /_sandbox/health HTTP/1.0", &[]).await.expect(200);
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let sandbox = frozen().await;
    let host = sandbox.addr().to_string();
    let own = format!("http://{host}");
    let others = ["https://evil.example", "http://evil.example", "null", "http://localhost:3000", "file://", "", "é"];
    for origin in
        others.into_iter().map(str::to_owned).chain([format!("https://{host}"), format!("{own}.evil.example")])
    {
        for line in [HEALTH, RESET, "OPTIONS /v2/emails HTTP/1.1", "POST /token HTTP/1.1"] {
            let reply = request(&sandbox, line, &[("Host", &host), ("Origin", &origin)]).await;
            assert_eq!(reply.status, 403, "{origin}: {line}");
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
    request(&sandbox, RESET, &[("Host", &host), ("Origin", &own)]).await.expect(200);
    request(&sandbox, "POST /_sandbox/reset HTTP/1.0", &[("Origin", &own)]).await.expect(200);
    request(&sandbox, "POST /_sandbox/reset HTTP/1.0", &[("Origin", "http://")]).await.expect(403);
}

#[tokio::test]
async fn other_sites_may_link_here_but_not_embed_it() {
    let sandbox = frozen().await;
    let from = |site: &'static str, mode: &'static str, dest: &'static str| {
        [("Host", "localhost"), ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)]
    };
    for site in ["cross-site", "same-site"] {
        for (mode, dest) in [("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("cors", "empty")] {
            for line in [
                HEALTH,
                "GET / HTTP/1.1",
                "GET /_sandbox/export HTTP/1.1",
                "GET /_sandbox/messages HTTP/1.1",
                "GET /lists HTTP/1.1",
            ] {
                assert_eq!(request(&sandbox, line, &from(site, mode, dest)).await.status, 403, "{site} {dest}: {line}");
            }
        }
        assert_eq!(request(&sandbox, "GET / HTTP/1.1", &from(site, "navigate", "document")).await.status, 200);
        assert_eq!(request(&sandbox, RESET, &from(site, "navigate", "document")).await.status, 403);
    }
    for site in ["same-origin", "none"] {
        request(&sandbox, HEALTH, &from(site, "cors", "empty")).await.expect(200);
        request(&sandbox, RESET, &from(site, "cors", "empty")).await.expect(200);
    }
}

#[tokio::test]
async fn links_in_emails_are_followed_from_any_page() {
    let sandbox = frozen().await;
    let from = [
        ("Host", "localhost"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "no-cors"),
        ("Sec-Fetch-Dest", "image"),
    ];
    let id = uuid::Uuid::nil();
    for path in ["confirm?id=1".into(), format!("open/{id}"), format!("click/{id}/0"), format!("unsubscribe/{id}")] {
        let reply = request(&sandbox, &format!("GET /_sandbox/{path} HTTP/1.1"), &from).await;
        assert_ne!(reply.status, 403, "{path}: {}", reply.text);
        let reply = request(&sandbox, &format!("POST /_sandbox/{path} HTTP/1.1"), &from).await;
        assert_eq!(reply.status, 403, "{path}");
    }
}
