//! A sandbox that several teams share: what its control token and the tokens of accounts allow.

use cakemail_sandbox::{Builder, Sandbox, Tenant};
use serde_json::{Value, json};

use crate::support::{Reply, User, exchange, noon};

const TOKEN: &str = "the-control-token";

async fn shared(private: bool) -> Sandbox {
    let builder = Sandbox::builder().clock(noon()).control_token(TOKEN);
    let builder = if private { Builder::private(builder) } else { builder };
    builder.start().await.unwrap()
}

/// A request with these headers and this JSON body.
async fn send(sandbox: &Sandbox, line: &str, headers: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    exchange(sandbox.addr(), format!("{head}{headers}\r\n{body}").as_bytes()).await
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// Requests that change something, and reading that shows secrets.
const CHANGES: [(&str, &str); 14] = [
    ("POST /_sandbox/clock", "{}"),
    ("POST /_sandbox/faults", r#"{"preset": "flaky", "seed": 1}"#),
    ("DELETE /_sandbox/faults", ""),
    ("DELETE /_sandbox/findings", ""),
    ("PATCH /_sandbox/profile", "{}"),
    ("PUT /_sandbox/domains", r#"{"valid": true}"#),
    ("PUT /_sandbox/webhook-faults", "{}"),
    ("POST /_sandbox/rules", r#"{"recipient": "*@x.example", "steps": []}"#),
    ("DELETE /_sandbox/rules", ""),
    ("POST /_sandbox/sample", "{}"),
    ("POST /_sandbox/tenants", "{}"),
    ("POST /_sandbox/import", "{}"),
    ("POST /_sandbox/reset", ""),
    ("GET /_sandbox/export", ""),
];

const READS: [&str; 8] = [
    "GET /_sandbox/health",
    "GET /_sandbox/metrics",
    "GET /_sandbox/messages",
    "GET /_sandbox/tenants",
    "GET /_sandbox/requests",
    "GET /_sandbox/ledger",
    "GET /_sandbox/clock",
    "POST /_sandbox/wait",
];

fn body(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn wait_body(line: &str) -> Value {
    if line.starts_with("POST") { json!({"timeout_ms": 1}) } else { Value::Null }
}

#[tokio::test]
async fn changes_need_the_token() {
    let sandbox = shared(false).await;
    for (line, text) in CHANGES {
        for headers in
            ["", &bearer("wrong"), &bearer(&TOKEN[1..]), "Cookie: sandbox-1=x\r\n", "Authorization: Basic eDp5\r\n"]
        {
            let reply = send(&sandbox, line, headers, &body(text)).await;
            assert_eq!(reply.expect(401)["detail"][0]["type"], "unauthorized", "{line}: {headers}");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        }
        let reply = send(&sandbox, line, &bearer(TOKEN), &body(text)).await;
        assert!(reply.status != 401 && reply.status < 500, "{line}: {}", reply.text);
    }
}

#[tokio::test]
async fn reading_needs_the_token_only_if_the_sandbox_is_private() {
    for private in [false, true] {
        let sandbox = shared(private).await;
        for line in READS {
            let without = send(&sandbox, line, "", &wait_body(line)).await.status;
            assert_eq!(without, if private { 401 } else { 200 }, "{line}");
            assert_eq!(send(&sandbox, line, &bearer(TOKEN), &wait_body(line)).await.status, 200, "{line}");
        }
        // Neither pages nor documents nor probes hold data.
        for line in [
            "GET /",
            "GET /_sandbox/web/main.js",
            "GET /openapi.json",
            "GET /_sandbox/openapi.json",
            "GET /_sandbox/health/live",
            "GET /_sandbox/health/ready",
        ] {
            assert_eq!(send(&sandbox, line, "", &Value::Null).await.status, 200, "{line}");
        }
        let id = uuid::Uuid::nil();
        for link in [format!("open/{id}"), format!("click/{id}/0"), format!("unsubscribe/{id}"), "confirm?id=1".into()]
        {
            let reply = send(&sandbox, &format!("GET /_sandbox/{link}"), "", &Value::Null).await;
            assert_ne!(reply.status, 401, "{link} is followed by recipients");
        }
    }
}

#[tokio::test]
async fn a_password_is_shown_only_to_whom_creates_the_account() {
    let sandbox = shared(false).await;
    let created = send(&sandbox, "POST /_sandbox/tenants", &bearer(TOKEN), &json!({})).await.expect(201);
    assert!(created["password"].is_string());
    let listed = send(&sandbox, "GET /_sandbox/tenants", &bearer(TOKEN), &Value::Null).await;
    assert!(!listed.text.contains("password"), "{}", listed.text);
}

/// The user of a tenant, and an email of its.
async fn submitted<'a>(sandbox: &'a Sandbox, tenant: &Tenant) -> (User<'a>, String) {
    let user = User::signed_in(sandbox, tenant.email(), tenant.password()).await;
    let content = json!({"type": "transactional", "subject": "Hello", "html": "<p>Hello</p>"});
    let email = json!({"email": "a@example.com", "list_id": tenant.list_id(), "sender": {"id": tenant.sender_id()}, "content": content});
    let id = user.submit(&email).await;
    (user, id)
}

#[tokio::test]
async fn the_token_of_an_account_allows_what_concerns_only_that_account() {
    let sandbox = shared(true).await;
    let tenants = [sandbox.tenant(), sandbox.tenant()];
    let [one, two] = tenants.each_ref().map(|tenant| tenant.account_id().to_string().parse::<i64>().unwrap());
    let (user, mine) = submitted(&sandbox, &tenants[0]).await;
    let (_, theirs) = submitted(&sandbox, &tenants[1]).await;
    let own = bearer(&user.token);
    let event = json!({"kind": "deliver"});
    for (line, body, status) in [
        (format!("GET /_sandbox/messages?account_id={one}"), Value::Null, 200),
        (format!("GET /_sandbox/messages?account_id={two}"), Value::Null, 401),
        ("GET /_sandbox/messages".into(), Value::Null, 401),
        (format!("GET /_sandbox/messages/{mine}"), Value::Null, 200),
        (format!("GET /_sandbox/messages/{theirs}"), Value::Null, 401),
        (format!("POST /_sandbox/messages/{mine}/events"), event.clone(), 201),
        (format!("POST /_sandbox/messages/{theirs}/events"), event.clone(), 401),
        (format!("GET /_sandbox/events?account_id={one}&email_id={theirs}"), Value::Null, 200),
        ("POST /_sandbox/wait".into(), json!({"account_id": one, "timeout_ms": 1}), 200),
        ("POST /_sandbox/wait".into(), json!({"account_id": two, "timeout_ms": 1}), 401),
        ("POST /_sandbox/sample".into(), json!({"account_id": one, "emails": 1}), 201),
        ("POST /_sandbox/sample".into(), json!({"account_id": two, "emails": 1}), 401),
        ("POST /_sandbox/sample".into(), json!({}), 401),
        (format!("DELETE /_sandbox/suppressions/a@b.co?account_id={one}"), Value::Null, 404),
        (format!("DELETE /_sandbox/suppressions/a@b.co?account_id={two}"), Value::Null, 401),
        ("DELETE /_sandbox/suppressions/a@b.co".into(), Value::Null, 401),
        (format!("POST /_sandbox/tenants/{two}/token"), Value::Null, 401),
        (format!("DELETE /_sandbox/tenants/{two}"), Value::Null, 401),
        ("POST /_sandbox/reset".into(), Value::Null, 401),
        ("POST /_sandbox/reset?account_id=x".into(), Value::Null, 401),
        (format!("POST /_sandbox/reset?account_id={two}"), Value::Null, 401),
        (format!("POST /_sandbox/reset?account_id={one}"), Value::Null, 200),
    ] {
        let reply = send(&sandbox, &line, &own, &body).await;
        assert_eq!(reply.status, status, "{line} {body}: {}", reply.text);
    }
    assert_eq!(sandbox.emails().len(), 1, "the other account keeps its email");
}

/// An operation that takes an account's id must concern only that account: see `the_token_of_an_account_allows_…`.
#[tokio::test]
async fn the_operations_that_name_an_account_are_known() {
    let sandbox = shared(false).await;
    let document = send(&sandbox, "GET /_sandbox/openapi.json", "", &Value::Null).await.expect(200);
    let schemas = &document["components"]["schemas"];
    let mut found = Vec::new();
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|methods| methods.as_object().unwrap().values())
    {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let body = schema.map_or(&Value::Null, |name| &schemas[name.rsplit('/').next().unwrap()]);
        let mut names = parameters.map(|it| it["name"].as_str().unwrap());
        if names.any(|name| name == "account_id") || body["properties"]["account_id"].is_object() {
            found.push(operation["operationId"].as_str().unwrap());
        }
    }
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "clearFindings",
            "createSample",
            "createViewerToken",
            "deleteSuppression",
            "deleteTenant",
            "getLedger",
            "listDeliveries",
            "listEvents",
            "listFindings",
            "listMessages",
            "listRequests",
            "listSuppressions",
            "resetSandbox",
            "waitForMessages",
        ]
    );
}

#[tokio::test]
async fn a_browser_signs_in_once() {
    let builder = Sandbox::builder().control_token(TOKEN).private();
    let sandbox = builder.public_url("https://mail.example.com/mail").start().await.unwrap();
    let sign_in = |token: &str| {
        let body = json!({"token": token});
        let sandbox = &sandbox;
        async move { send(sandbox, "POST /mail/_sandbox/session", "", &body).await }
    };
    let wrong = sign_in("wrong").await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, None));
    let right = sign_in(TOKEN).await;
    right.expect(200);
    let cookie = right.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; Path=/mail/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    let headers = format!("Cookie: other=1; {}\r\n", cookie.split(';').next().unwrap());
    send(&sandbox, "GET /mail/_sandbox/messages", &headers, &Value::Null).await.expect(200);
    send(&sandbox, "POST /mail/_sandbox/reset", &headers, &Value::Null).await.expect(200);
    // A page of another site cannot use the cookie.
    let foreign = format!("{headers}Origin: https://evil.example\r\n");
    send(&sandbox, "POST /mail/_sandbox/reset", &foreign, &Value::Null).await.expect(403);
}

#[tokio::test]
async fn without_a_control_token_everything_is_allowed() {
    let sandbox = Sandbox::start().await.unwrap();
    send(&sandbox, "POST /_sandbox/reset", "", &Value::Null).await.expect(200);
    let tenants = send(&sandbox, "GET /_sandbox/tenants", "", &Value::Null).await.expect(200);
    assert!(tenants["data"][0]["password"].is_string());
    send(&sandbox, "POST /_sandbox/session", "", &json!({"token": "x"})).await.expect(400);
}
