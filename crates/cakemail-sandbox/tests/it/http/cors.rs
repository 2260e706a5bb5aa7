//! Pages of other sites that were allowed by name.

use cakemail_sandbox::Sandbox;

use crate::support::{Reply, exchange};

const ORIGIN: &str = "http://localhost:3000";

async fn send(sandbox: &Sandbox, line: &str, headers: &str) -> Reply {
    exchange(sandbox.addr(), format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes()).await
}

async fn allowing() -> Sandbox {
    Sandbox::builder().allow_origin("https://app.example").allow_origin("HTTP://localhost:3000/").start().await.unwrap()
}

#[tokio::test]
async fn a_preflight_of_an_allowed_origin_allows_the_request() {
    let sandbox = allowing().await;
    for path in ["/v2/emails", "/_sandbox/reset", "/nowhere"] {
        let asks =
            "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type\r\n";
        let reply = send(&sandbox, &format!("OPTIONS {path}"), &format!("Origin: {ORIGIN}\r\n{asks}")).await;
        assert_eq!(reply.status, 204, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(reply.header("access-control-allow-headers"), Some("authorization,content-type"));
        assert!(reply.header("access-control-allow-methods").unwrap().contains("POST"));
        assert_eq!(reply.header("access-control-max-age"), Some("600"));
        assert_eq!(reply.header("vary"), Some("origin"));
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read_every_response() {
    let sandbox = allowing().await;
    for (line, status) in
        [("GET /_sandbox/health", 200), ("GET /lists", 401), ("DELETE /v2/emails", 405), ("GET /_sandbox/export", 200)]
    {
        let headers = format!("Origin: {ORIGIN}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n");
        let reply = send(&sandbox, line, &headers).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (status, Some(ORIGIN)), "{line}");
        assert_eq!(reply.header("access-control-expose-headers"), Some("*"));
    }
    let own = send(&sandbox, "GET /_sandbox/health", "").await;
    assert_eq!((own.header("access-control-allow-origin"), own.header("vary")), (None, Some("origin")));
}

#[tokio::test]
async fn other_origins_stay_refused() {
    let sandbox = allowing().await;
    for origin in
        ["http://localhost:3001", "https://localhost:3000", "http://app.example", "null", "https://app.example.org"]
    {
        for line in ["OPTIONS /v2/emails", "GET /_sandbox/health"] {
            let headers = format!("Origin: {origin}\r\nAccess-Control-Request-Method: GET\r\n");
            let reply = send(&sandbox, line, &headers).await;
            assert_eq!(
                (reply.status, reply.header("access-control-allow-origin")),
                (403, None),
                "{line} from {origin}"
            );
        }
    }
    let headers = format!("Host: evil.example\r\nOrigin: {ORIGIN}\r\n");
    let request = format!("GET /_sandbox/health HTTP/1.1\r\n{headers}\r\n");
    assert_eq!(exchange(sandbox.addr(), request.as_bytes()).await.status, 403, "the host is checked as well");
}
