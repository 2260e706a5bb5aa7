//! Signing in, renewing, expiring, the second factor.

use cakemail_sandbox::{Challenge, RefreshTokens, Sandbox};
use serde_json::json;

use crate::support::{Reply, User, frozen, noon, profile, seconds};

const LOGIN: &str = "grant_type=password&username=sandbox%40example.com&password=sandbox-password";

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let sandbox = frozen().await;
    let user = User { sandbox: &sandbox, token: String::new() };
    let reply = user.form("POST", "/token", "username=sandbox%40example.com&password=wrong").await;
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    assert_eq!(reply.expect(401)["detail"][0]["type"], "unauthorized");
}

#[tokio::test]
async fn multipart_and_a_plus_in_the_name_are_understood() {
    let sandbox = Sandbox::builder().account("a+b@example.com", "p").start().await.unwrap();
    let user = User { sandbox: &sandbox, token: String::new() };
    user.form("POST", "/token", "username=a%2Bb%40example.com&password=p").await.expect(200);
    let faults = user.form("POST", "/token", "username=a+b%40example.com&password=p").await.error_fields(422);
    assert_eq!(faults, ["body.username"], "a bare plus is a space");
    let field =
        |name: &str, value: &str| format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = format!("{}{}--X--\r\n", field("username", "a+b@example.com"), field("password", "p"));
    user.send("POST", "/token", "Content-Type: multipart/form-data; boundary=X\r\n", &body).await.expect(200);
}

#[tokio::test]
async fn each_grant_needs_its_fields() {
    let sandbox = frozen().await;
    let user = User { sandbox: &sandbox, token: String::new() };
    let faults = |reply: Reply| reply.error_fields(422);
    assert_eq!(faults(user.form("POST", "/token", "").await), ["body.username", "body.password"]);
    assert_eq!(faults(user.form("POST", "/token", "grant_type=refresh_token").await), ["body.refresh_token"]);
    let wrong = "grant_type=magic&username=x&password=p&expiration_seconds=599&scopes=root&account_id=one";
    let mut places = faults(user.form("POST", "/token", wrong).await);
    places.sort();
    let expected = ["account_id", "expiration_seconds", "grant_type", "scopes", "username"];
    assert_eq!(places, expected.map(|name| format!("body.{name}")));
    assert_eq!(faults(user.post("/token", json!({"username": "a@b.co"})).await), ["body.username", "body.password"]);
    assert_eq!(faults(user.form("PUT", "/token", "").await), ["body.refresh_token"]);
}

#[tokio::test]
async fn an_access_token_expires_after_expires_in() {
    let sandbox = frozen().await;
    let mut user = User::of(&sandbox).await;
    let token = user.form("POST", "/token", &format!("{LOGIN}&expiration_seconds=600")).await.expect(200);
    assert_eq!(token["expires_in"], 600);
    user.token = token["access_token"].as_str().unwrap().into();
    sandbox.clock().advance(seconds(599));
    user.get("/users/self").await.expect(200);
    sandbox.clock().advance(seconds(1));
    assert_eq!(user.get("/users/self").await.expect(401)["detail"][0]["type"], "unauthorized");
}

#[tokio::test]
async fn a_refresh_token_is_rotated_or_reusable() {
    for (refresh_tokens, again) in [(RefreshTokens::Rotated, 401), (RefreshTokens::Reusable, 200)] {
        let profile = profile(|it| it.refresh_tokens = refresh_tokens);
        let sandbox = Sandbox::builder().profile(profile).start().await.unwrap();
        let user = User { sandbox: &sandbox, token: String::new() };
        let first = user.form("POST", "/token", LOGIN).await.expect(200)["refresh_token"].as_str().unwrap().to_owned();
        let body = format!("grant_type=refresh_token&refresh_token={first}");
        let second = user.form("POST", "/token", &body).await.expect(200);
        assert_eq!(second["refresh_token"] == first.as_str(), again == 200);
        assert_eq!(user.form("PUT", "/token", &body).await.status, again);
    }
}

#[tokio::test]
async fn a_second_factor_is_required_with_401_or_200() {
    for (challenge, status) in [(Challenge::Unauthorized, 401), (Challenge::Ok, 200)] {
        let profile = profile(|it| it.challenge = challenge);
        let builder = Sandbox::builder().mfa_code("0123456789ab").profile(profile).clock(noon());
        let sandbox = builder.start().await.unwrap();
        let mut user = User { sandbox: &sandbox, token: String::new() };
        let asked = user.form("POST", "/token", LOGIN).await.expect(status)["challenge"].clone();
        let answer = |code: &str| json!({"challenge": asked, "code": code});
        user.post("/token/challenge", answer("000000")).await.expect(401);
        assert_eq!(user.post("/token/challenge", answer("12345")).await.error_fields(422), ["body.code"]);
        let token = user.post("/token/challenge", answer("0123456789AB")).await.expect(200);
        user.token = token["access_token"].as_str().unwrap().into();
        user.get("/users/self").await.expect(200);
        user.post("/token/challenge", answer("0123456789ab")).await.expect(401);
    }
}

#[tokio::test]
async fn the_profile_decides_on_the_scope_email_api() {
    for (email_api_scope, status) in [(true, 200), (false, 422)] {
        let profile = profile(|it| it.email_api_scope = email_api_scope);
        let sandbox = Sandbox::builder().profile(profile).start().await.unwrap();
        let user = User { sandbox: &sandbox, token: String::new() };
        user.form("POST", "/token", &format!("{LOGIN}&scopes=user,email_api")).await.expect(status);
    }
}

#[tokio::test]
async fn without_a_token_and_with_a_wrong_one() {
    let sandbox = frozen().await;
    let mut user = User { sandbox: &sandbox, token: String::new() };
    let reply = user.get("/lists").await;
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    assert_eq!(reply.expect(401), json!({"detail": "Not authenticated"}));
    user.token = "wrong".into();
    assert_eq!(user.get("/lists").await.expect(401)["detail"][0]["type"], "unauthorized");
}

#[tokio::test]
async fn another_account_is_forbidden_and_sees_nothing() {
    let sandbox = Sandbox::builder().account("a@example.com", "a").account("b@example.com", "b").start().await.unwrap();
    let a = User::of(&sandbox).await;
    let b = User::signed_in(&sandbox, "b@example.com", "b").await;
    let account = a.get("/accounts/self").await.expect(200)["data"]["id"].as_str().unwrap().to_owned();
    a.get(&format!("/lists?account_id={account}")).await.expect(200);
    let forbidden = b.get(&format!("/lists?account_id={account}")).await.expect(400);
    assert_eq!(forbidden["detail"], json!([{"msg": "Forbidden", "type": "bad_request", "code": 8004}]));
    let login = format!("username=b%40example.com&password=b&account_id={account}");
    assert_eq!(b.form("POST", "/token", &login).await.expect(400)["detail"][0]["code"], 8004);

    let (sender, list, email) = (a.sender().await, a.list().await, a.submit(&a.email("x@example.org").await).await);
    b.get(&format!("/brands/default/senders/{sender}")).await.expect(404);
    b.get(&format!("/lists/{list}")).await.expect(404);
    b.get(&format!("/v2/emails/{email}")).await.expect(404);
    assert_eq!(b.get("/v2/logs/emails").await.expect(200)["data"], json!([]));
}
