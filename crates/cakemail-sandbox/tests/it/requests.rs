//! Stored requests: complete, without secrets, and bounded.

use cakemail_sandbox::{Effect, Fault, Limit, Match, Phase, Sandbox, SeenRequest};
use serde_json::{Value, json};

use crate::support::{User, ending, frozen, seconds};

/// Everything that is stored, as the API of the sandbox shows it.
fn everything(sandbox: &Sandbox) -> String {
    let texts = |it: &SeenRequest| {
        let headers: Vec<_> = it.headers().chain(it.response_headers()).collect();
        format!("{it:?} {} {headers:?} {} {} {} {:?}\n", it.query(), it.body(), it.response_body(), it.curl(), it.fault)
    };
    sandbox.requests().iter().map(texts).collect()
}

#[tokio::test]
async fn a_request_is_stored_with_its_response() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let account = user.get("/users/self").await.expect(200)["data"]["account_id"].clone();
    let headers = "User-Agent: tester/1.0\r\nContent-Type: application/json\r\n";
    let reply = user.send("POST", "/suppressed-emails", headers, r#"{"email": "a@example.com"}"#).await;
    let seen = sandbox.requests().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.status), ("POST", "/suppressed-emails", 201));
    assert_eq!((seen.operation, seen.user_agent()), (Some("createSuppressedEmail"), Some("tester/1.0")));
    assert_eq!((seen.query(), seen.body()), ("", r#"{"email": "a@example.com"}"#));
    assert_eq!((seen.response_body(), seen.fault.as_deref()), (reply.text.as_str(), None));
    assert_eq!(seen.time, sandbox.clock().now());
    assert!(seen.took < seconds(60));
    let account = account.as_i64().or_else(|| account.as_str()?.parse().ok());
    assert!(seen.account_id.is_some() && (account.is_none() || seen.account_id == account));
    assert!(seen.headers().any(|it| it == ("authorization", "Bearer ***")));
    assert!(seen.response_headers().any(|it| it == ("content-type", "application/json")));
    assert_eq!(seen.id as usize, sandbox.requests().len());
}

#[tokio::test]
async fn the_account_is_known_by_token_login_renewal_and_challenge() {
    let sandbox = Sandbox::builder().account("a@example.com", "a").account("b@example.com", "b").mfa_code("123456");
    let sandbox = sandbox.start().await.unwrap();
    let user = User::of(&sandbox).await;
    let account = sandbox.requests()[0].account_id.unwrap();
    user.get("/lists").await.expect(200);
    let login = user.form("POST", "/token", "username=A%40example.com&password=a").await.expect(200);
    let renewal = format!("grant_type=refresh_token&refresh_token={}", login["refresh_token"].as_str().unwrap());
    user.form("POST", "/token", &renewal).await.expect(200);
    user.form("POST", "/token", "username=a%40example.com&password=wrong").await.expect(401);
    assert!(sandbox.requests().iter().all(|it| it.account_id == Some(account)));

    let nobody = User { sandbox: &sandbox, token: String::new() };
    let challenge = nobody.form("POST", "/token", "username=b%40example.com&password=b").await.expect(401);
    let answer = json!({"challenge": challenge["challenge"], "code": "123456"});
    nobody.post("/token/challenge", answer).await.expect(200);
    let last: Vec<_> = sandbox.requests().iter().rev().take(2).map(|it| it.account_id).collect();
    assert!(last[0].is_some() && last[0] != Some(account) && last[0] == last[1]);
    nobody.get("/lists").await.expect(401);
    assert_eq!(sandbox.requests().pop().unwrap().account_id, None);
}

#[tokio::test]
async fn secrets_are_removed_everywhere() {
    let password = "hunter-2&é";
    let builder =
        Sandbox::builder().account("a@example.com", password).account("b@example.com", "b").mfa_code("654321");
    let sandbox = builder.start().await.unwrap();
    let mut user = User::of(&sandbox).await;
    let form = serde_urlencoded::to_string([("username", "a@example.com"), ("password", password)]).unwrap();
    let login = user.form("POST", "/token", &form).await.expect(200);
    let secret = |value: &Value| value.as_str().unwrap().to_owned();
    let (access, refresh) = (secret(&login["access_token"]), secret(&login["refresh_token"]));
    user.token = access.clone();
    let mut secrets = vec![password.to_owned(), access.clone(), "654321".into()];
    secrets.push(serde_urlencoded::to_string([("", password)]).unwrap()[1..].to_owned());

    let challenged = user.form("POST", "/token", "username=b%40example.com&password=b").await.expect(401);
    secrets.push(secret(&challenged["challenge"]));
    user.post("/token/challenge", json!({"challenge": challenged["challenge"], "code": "654321"})).await.expect(200);
    user.post("/brands/default/senders", json!({"name": "O", "email": "o@example.org"})).await.expect(201);
    let mail = sandbox.mailbox("o@example.org").pop().unwrap();
    secrets.push(mail.confirmation_id.clone());
    user.get(&format!("/{}", mail.confirmation_id)).await.expect(404);
    let confirmation = json!({"confirmation_id": mail.confirmation_id});
    user.post("/brands/default/senders/confirm-email", confirmation).await.expect(200);
    let hook = json!({"event": "Email.Bounced", "url": "https://example.com"});
    let hook = secret(&user.post("/webhooks", hook).await.expect(201)["id"]);
    let signature = user.get(&format!("/webhooks/{hook}")).await.expect(200);
    secrets.push(secret(&signature["signature"]["key"]));

    // In URLs, literal and encoded; in headers; in bodies of all kinds, valid and invalid.
    let encoded: String = access.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for path in [
        format!("/lists?access_token={access}"),
        format!("/lists?name=x&x={access}"),
        format!("/lists?x={encoded}"),
        format!("/lists/{access}"),
        format!("/lists/{encoded}"),
        format!("/token?pass%77ord={}", secrets[3]),
        format!("/nowhere/x{access}y?a=x{access}"),
    ] {
        user.get(&path).await;
    }
    let headers = format!(
        "Cookie: session={access}\r\nX-Api-Key: {access}\r\nReferer: http://a/?token={access}\r\nX-Other: a,{access};b\r\n\
         Proxy-Authorization: Basic {access}\r\n"
    );
    user.send("GET", "/lists", &headers, "").await.expect(200);
    let escaped: String = access.bytes().map(|byte| format!("\\u00{byte:02x}")).collect();
    let multipart = format!(
        "--X\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\na@example.com\r\n--X\r\n\
         Content-Disposition: form-data; name=\"password\"\r\n\r\n{password}\r\n--X--\r\n"
    );
    let json = "application/json";
    for (kind, body) in [
        (json, format!(r#"{{"name": "{access}", "x": "x{access}x"}}"#)),
        (json, format!(r#"{{"name": "{escaped}"}}"#)),
        (
            json,
            format!(r#"{{"pass\u0077ord" : "{password}", "nested": [{{"accessToken": {{"a": ["{password}"]}}}}]}}"#),
        ),
        (json, format!(r#"{{"username": "a@example.com", "password": "{password}"#)),
        (json, form.clone()),
        ("application/x-www-form-urlencoded", format!(r#"{{"password": "{password}"}}"#)),
        ("application/x-www-form-urlencoded", format!("password={password}")),
        ("text/plain", format!("what is {access} for?")),
        ("multipart/form-data; boundary=X", multipart.clone()),
        ("multipart/form-data", multipart),
    ] {
        user.send("POST", "/lists", &format!("Content-Type: {kind}\r\n"), &body).await;
        user.send("POST", "/token", &format!("Content-Type: {kind}\r\n"), &body).await;
    }
    // The stored part of the body ends within the token.
    let long = format!(r#"{{"x": "{}{access}", "y": "{}"}}"#, "x".repeat(16 * 1024 - 40), "y".repeat(1000));
    user.post("/lists", serde_json::from_str(&long).unwrap()).await.expect(422);
    user.send("POST", "/lists", "Content-Type: application/json\r\n", &long).await.expect(422);
    let renewal = format!("grant_type=refresh_token&refresh_token={refresh}");
    user.form("POST", "/token", &renewal).await.expect(200);
    user.form("PUT", "/token", &renewal).await.expect(401);

    secrets.extend([refresh, access[..24].to_owned(), access[40..].to_owned(), encoded[..90].to_owned()]);
    let remembered = everything(&sandbox);
    for secret in secrets {
        assert!(!remembered.contains(&secret), "{secret} in {remembered}");
    }
    // Other values are stored.
    for text in ["a%40example.com", "Bearer ***", "\"name\": \"***\"", "what is *** for?", "username", "session"] {
        assert_eq!(remembered.contains(text), text != "session", "{text}");
    }
}

#[tokio::test]
async fn values_that_only_look_like_secrets_stay() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let digest = "0123456789abcdef".repeat(4);
    let body = format!(
        r#"{{"name": "{digest}", "html": "<a href=\"https://a.example/?token=1\">code: 7</a>", "token": null}}"#
    );
    user.send("POST", "/lists", "Content-Type: application/json\r\n", &body).await.expect(422);
    assert_eq!(sandbox.requests().pop().unwrap().body(), body);
    user.get("/lists?account_id=1").await.expect(400);
    assert!(sandbox.requests().pop().unwrap().response_body().contains("8004"), "an error's code");
}

#[tokio::test]
async fn the_fault_that_struck_is_stored() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let lists = || Match::operation("listLists");
    let fault = |fault: Fault| {
        sandbox.clear_faults();
        sandbox.fault(fault);
    };
    fault(Fault::on(lists()).effect(Effect::Status(503)));
    user.get("/lists").await.expect(503);
    fault(Fault::on(lists()).at(Phase::Committed).effect(Effect::Reset));
    ending(&sandbox, &user.bytes("GET", "/lists", "", "")).await.1.unwrap_err();
    fault(Fault::on(lists()).effect(Effect::ExpireToken));
    user.get("/lists").await.expect(401);
    sandbox.clear_faults();
    sandbox.limit(Limit::new(1.0, 0));
    user.get("/lists").await.expect(429);
    let struck: Vec<_> = sandbox.requests().into_iter().skip(1).map(|it| (it.status, it.fault.unwrap())).collect();
    let expected = [
        (503, "listLists: handler, 503"),
        (0, "listLists: committed, reset"),
        (401, "listLists: handler, the access token expires"),
        (429, "at most 1 a second, 0 at once"),
    ];
    assert_eq!(struck, expected.map(|(status, words)| (status, words.to_owned())));
    let reset = &sandbox.requests()[2];
    assert_eq!((reset.response_body(), reset.response_headers().count()), ("", 0));
}

#[tokio::test]
async fn long_bodies_are_cut_off_and_count_as_memory() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let body = json!({"name": "é".repeat(50_000)}).to_string();
    user.send("POST", "/lists", "Content-Type: application/json\r\n", &body).await.expect(422);
    let seen = sandbox.requests().pop().unwrap();
    let note = format!("… and more: {} bytes in all", body.len());
    assert!(seen.body().len() < 17 * 1024 && seen.body().ends_with(&note), "{}", seen.body().len());
    assert!(seen.curl().starts_with("# The body below is incomplete"), "{}", seen.curl());
    user.send("POST", "/lists", "", "\u{1}").await;
    assert!(sandbox.requests().pop().unwrap().curl().starts_with("curl "));

    let used = user.get("/_sandbox/health").await.expect(200)["memory"]["used"].as_u64().unwrap();
    assert!(used > 17 * 1024, "{used}");
    sandbox.reset();
    assert!(sandbox.requests().is_empty());
    assert_eq!(user.get("/_sandbox/health").await.expect(200)["memory"]["used"], 0);
}

#[tokio::test]
async fn requests_of_the_sandboxs_own_pages_are_not_stored() {
    let sandbox = frozen().await;
    let mut user = User::of(&sandbox).await;
    let account = user.get("/_sandbox/tenants").await.expect(200)["data"][0]["account_id"].clone();
    user.token = user.post(&format!("/_sandbox/tenants/{account}/token"), json!({})).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    user.get("/lists").await.expect(200);
    user.get("/").await;
    user.get("/openapi.json").await;
    user.get("/_sandbox/requests").await.expect(200);
    assert_eq!(sandbox.requests().len(), 1, "the sign-in only: {:?}", sandbox.requests());
}

#[tokio::test]
async fn requests_are_served_over_http() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.get("/lists?name=x").await.expect(200);
    user.get("/nowhere").await.expect(404);
    let all = user.get("/_sandbox/requests").await.expect(200);
    assert_eq!(all["total"], 3);
    let paths: Vec<_> = all["data"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/nowhere", "/lists", "/token"]);
    assert_eq!(all["data"][0].get("operation"), None);
    assert_eq!(all["data"][1]["time"], "2026-01-01T12:00:00.000Z");
    for (q, total) in [("listlists", 1), ("404", 1), ("post", 1), ("o", 2), ("nothing", 0)] {
        assert_eq!(user.get(&format!("/_sandbox/requests?q={q}")).await.expect(200)["total"], total, "{q}");
    }
    let account = &all["data"][1]["account_id"];
    assert_eq!(user.get(&format!("/_sandbox/requests?account_id={account}")).await.expect(200)["total"], 2);
    assert_eq!(user.get("/_sandbox/requests?per_page=1&page=2").await.expect(200)["data"][0]["path"], "/lists");
    let whole = user.get("/_sandbox/requests/2").await.expect(200);
    assert_eq!((&whole["query"], &whole["request"]), (&json!("name=x"), &all["data"][1]));
    assert_eq!(whole["response"]["body"], sandbox.requests()[1].response_body());
    assert_eq!(whole["curl"], sandbox.requests()[1].curl());
    user.get("/_sandbox/requests/4").await.expect(404);
    user.post(&format!("/_sandbox/reset?account_id={account}"), json!({})).await.expect(200);
    assert_eq!(user.get("/_sandbox/requests").await.expect(200)["total"], 1, "a request without an account stays");
}

/// Splits a command into words, as a shell does.
fn words(command: &str, token: &str) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let output = std::process::Command::new("sh").arg("-c").arg(script).env("TOKEN", token).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect()
}

#[tokio::test]
async fn a_request_as_curl_is_the_same_request() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let body = json!({"email": "@o'brien \"$HOME\" `id` $(id) \\ ! \n é %s"}).to_string();
    let headers = "Content-Type: application/json\r\nX-Quote: it's \"$HERE\"\r\nX-Empty:\r\n";
    user.send("POST", "/suppressed-emails?a=[1]&b='$x'", headers, &body).await;
    let seen = sandbox.requests().pop().unwrap();
    let url = format!("{}/suppressed-emails?a=[1]&b='$x'", sandbox.url());
    let expected = [
        "-X",
        "POST",
        "--globoff",
        &url,
        "-H",
        &format!("Authorization: Bearer {}", user.token),
        "-H",
        "content-type: application/json",
        "-H",
        "x-quote: it's \"$HERE\"",
        "-H",
        "x-empty;",
        "--data-raw",
        &body,
    ];
    assert_eq!(words(&seen.curl(), &user.token), expected);

    user.send("POST", "/lists", "", "plain").await;
    assert!(
        words(&sandbox.requests().pop().unwrap().curl(), "")
            .ends_with(&["content-type:", "--data-raw", "plain"].map(str::to_owned))
    );
    user.get("/lists").await.expect(200);
    let expected = format!("curl -X GET {}/lists -H \"Authorization: Bearer $TOKEN\"", sandbox.url());
    assert_eq!(sandbox.requests().pop().unwrap().curl(), expected);
}
