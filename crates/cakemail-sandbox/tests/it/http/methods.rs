//! HEAD, OPTIONS and methods that a path does not have.

use serde_json::json;

use crate::support::{User, frozen};

#[tokio::test]
async fn head_is_get_without_a_body() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let id = user.submit(&user.email("a@example.com").await).await;
    for path in [
        "/lists",
        "/accounts/self",
        &format!("/v2/emails/{id}"),
        &format!("/v2/emails/{id}/render"),
        "/nowhere",
        "/",
        "/openapi.json",
        "/_sandbox/health",
        "/_sandbox/web/style.css",
        &format!("/_sandbox/messages/{id}/source"),
    ] {
        let (get, head) = (user.get(path).await, user.head(path).await);
        assert_eq!(head.status, get.status, "{path}");
        for name in ["content-type", "content-length", "x-sandbox-fidelity", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
        assert_eq!(head.text, "", "{path}");
    }
    let seen = sandbox.requests().into_iter().find(|request| request.method == "HEAD").unwrap();
    assert_eq!((seen.operation, seen.status, seen.response_body()), (Some("listLists"), 200, ""));
}

#[tokio::test]
async fn head_of_a_link_in_an_email_changes_nothing() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("delivered@example.com").await;
    email["content"]["html"] = json!("<a href=\"https://example.com/\">Go</a>");
    let id = user.submit(&email).await;
    sandbox.clock().advance(std::time::Duration::from_secs(60));
    let events = || async { user.get(&format!("/_sandbox/messages/{id}")).await.expect(200)["events"].clone() };
    let before = events().await;
    let click = format!("/_sandbox/click/{id}/0");
    for path in [&format!("/_sandbox/open/{id}"), &format!("/_sandbox/unsubscribe/{id}")] {
        assert_eq!(user.head(path).await.status, 200, "{path}");
    }
    let head = user.head(&click).await;
    assert_eq!((head.status, head.header("location")), (302, Some("https://example.com/")));
    assert_eq!(events().await, before);
    assert_eq!(user.get(&click).await.status, 302);
    assert_ne!(events().await, before);

    let body = json!({"name": "Ada", "email": "ada@example.com"});
    user.post("/brands/default/senders", body).await.expect(201);
    let link = sandbox.mailbox("ada@example.com")[0].link.clone();
    let path = link.strip_prefix(sandbox.url()).unwrap();
    let confirmed = || async {
        let senders = user.get("/brands/default/senders").await.expect(200)["data"].as_array().unwrap().clone();
        senders.into_iter().find(|sender| sender["email"] == "ada@example.com").unwrap()["confirmed"].clone()
    };
    assert_eq!(user.head(path).await.status, 200);
    assert_eq!(confirmed().await, json!(false));
    user.get(path).await;
    assert_eq!(confirmed().await, json!(true));
}

#[tokio::test]
async fn each_path_lists_its_methods() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for (path, allowed) in [
        ("/accounts/self", "GET, HEAD, OPTIONS"),
        ("/v2/emails", "OPTIONS, POST"),
        ("/lists/1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/", "GET, HEAD, OPTIONS"),
        ("/_sandbox/web/style.css", "GET, HEAD, OPTIONS"),
        ("/_sandbox/health", "GET, HEAD, OPTIONS"),
        ("/_sandbox/faults", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("*", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
    ] {
        let options = user.send("OPTIONS", path, "", "").await;
        assert_eq!((options.status, options.header("allow"), &*options.text), (204, Some(allowed), ""), "{path}");
        assert_eq!(options.header("content-length"), None, "{path}");
        for method in ["PATCH", "PUT", "TRACE", "PROPFIND", "COPY"] {
            if !allowed.split(", ").any(|it| it == method) || path == "*" {
                let refused = user.send(method, path, "", "").await;
                assert_eq!((refused.status, refused.header("allow")), (405, Some(allowed)), "{method} {path}");
            }
        }
    }
    assert_eq!(user.send("OPTIONS", "/nowhere", "", "").await.status, 404);
}
