//! Every operation of the document succeeds at least once.

use std::collections::BTreeSet;

use cakemail_sandbox::{Challenge, Sandbox};
use serde_json::json;

use crate::support::{User, frozen, profile, seconds};

#[tokio::test]
async fn every_operation_succeeds_at_least_once() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    account_and_senders(&user).await;
    lists_and_contacts(&user).await;
    emails_and_reports(&user).await;
    other_resources(&user).await;

    let profile = profile(|it| it.challenge = Challenge::Ok);
    let guarded = Sandbox::builder().mfa_code("123456").profile(profile).start().await.unwrap();
    let user = User { sandbox: &guarded, token: String::new() };
    let form = "username=sandbox%40example.com&password=sandbox-password";
    let challenge = user.form("POST", "/token", form).await.expect(200)["challenge"].clone();
    user.post("/token/challenge", json!({"challenge": challenge, "code": "123456"})).await.expect(200);

    let seen = sandbox.requests().into_iter().chain(guarded.requests());
    let succeeded: BTreeSet<_> = seen.filter(|it| it.status < 300).filter_map(|it| it.operation).collect();
    let document = user.get("/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let ids: Vec<_> = operations.filter_map(|operation| operation["operationId"].as_str()).collect();
    assert!(!ids.is_empty());
    let missed: Vec<_> = ids.into_iter().filter(|id| !succeeded.contains(*id)).collect();
    assert!(missed.is_empty(), "never succeeded: {missed:?}");
}

async fn account_and_senders(user: &User<'_>) {
    user.get("/users/self").await.expect(200);
    user.get("/accounts/self").await.expect(200);
    let login = "grant_type=password&username=sandbox%40example.com&password=sandbox-password";
    let token = user.form("POST", "/token", login).await.expect(200);
    let refresh = format!("refresh_token={}", token["refresh_token"].as_str().unwrap());
    user.form("PUT", "/token", &refresh).await.expect(200);

    let body = json!({"name": "Other", "email": "other@example.org"});
    let id = user.post("/brands/default/senders", body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/brands/default/senders/{id}");
    user.post(&format!("{path}/resend-confirmation-email"), json!({})).await.expect(200);
    let confirmation = user.sandbox.mailbox("other@example.org").pop().unwrap().confirmation_id;
    user.post("/brands/default/senders/confirm-email", json!({"confirmation_id": confirmation})).await.expect(200);
    user.get(&path).await.expect(200);
    user.patch(&path, json!({"name": "Another"})).await.expect(200);
    user.get("/brands/default/senders?with_count=true&sort=-name").await.expect(200);
    user.delete(&path).await.expect(200);
}

async fn lists_and_contacts(user: &User<'_>) {
    let body = json!({
        "name": "News",
        "default_sender": {"id": user.sender().await},
        "redirections": {"after_opt_in": "https://example.com/welcome"},
        "webhook": {"url": "https://example.com/hook", "actions": ["all"]},
    });
    let list = user.post("/lists", body).await.expect(201)["id"].clone();
    let path = format!("/lists/{list}");
    user.get(&path).await.expect(200);
    user.patch(&path, json!({"name": "Newer"})).await.expect(200);
    user.post(&format!("{path}/accept-policy"), json!({})).await.expect(200);
    user.get("/lists?filter=status==active").await.expect(200);

    let contacts = format!("{path}/contacts");
    let body = json!({"email": "contact@example.net", "custom_attributes": [{"name": "city", "value": "Lyon"}]});
    let contact = user.post(&contacts, body).await.expect(201)["id"].clone();
    let one = format!("{contacts}/{contact}");
    user.get(&one).await.expect(200);
    user.patch(&one, json!({"tags": ["a"], "interests": ["b"]})).await.expect(200);
    user.post(&format!("{one}/tag"), json!({"tags": ["c"]})).await.expect(200);
    user.post(&format!("{one}/untag"), json!({"tags": ["a"]})).await.expect(200);
    user.post(&format!("{one}/unsubscribe"), json!({})).await.expect(200);
    user.get(&format!("{contacts}?with_count=true")).await.expect(200);
    user.delete(&one).await.expect(200);

    user.post(&format!("{path}/archive"), json!({})).await.expect(200);
    user.delete(&path).await.expect(200);
}

async fn emails_and_reports(user: &User<'_>) {
    let id = user.submit(&user.email("clicked@example.com").await).await;
    user.sandbox.clock().advance(seconds(3));
    user.get_email(&id).await;
    assert_eq!(user.get(&format!("/v2/emails/{id}/render")).await.text, "<p>Hello</p>");
    user.get("/v2/logs/emails").await.expect(200);
    user.get("/logs/emails-summary").await.expect(200);
    user.get("/v2/reports/emails").await.expect(200);
    user.get("/email-tags").await.expect(200);
}

async fn other_resources(user: &User<'_>) {
    user.post("/suppressed-emails", json!({"email": "*@example.org"})).await.expect(201);
    user.get("/suppressed-emails").await.expect(200);
    user.delete("/suppressed-emails/*@example.org").await.expect(200);

    let body = json!({"event": "Email.Bounced", "url": "https://example.com/hook"});
    let webhook = user.post("/webhooks", body).await.expect(201);
    let path = format!("/webhooks/{}", webhook["id"].as_str().unwrap());
    assert_eq!(user.get(&path).await.expect(200)["signature"]["hash_function"], "sha256");
    assert!(webhook.get("signature").is_none(), "the response to the creation has no secret");
    user.patch(&path, json!({"rate_limit": 5, "rate_limit_period": "minute"})).await.expect(200);
    user.post(&format!("{path}/archive"), json!({})).await.expect(200);
    assert_eq!(user.get("/webhooks").await.expect(200)["data"], json!([]));
    assert_eq!(user.get("/webhooks?with_archived=true").await.expect(200)["data"][0]["status"], "archived");
    user.post(&format!("{path}/unarchive"), json!({})).await.expect(200);

    let key =
        user.post("/brands/default/dkim", json!({"domain": "example.com"})).await.expect(201)["data"]["id"].clone();
    user.get("/brands/default/dkim").await.expect(200);
    user.get(&format!("/brands/default/dkim/{key}")).await.expect(200);
    user.delete(&format!("/brands/default/dkim/{key}")).await.expect(200);
    let domains = json!({"domains": {"bounce": "bounces.example.com", "tracking": null}});
    user.patch("/brands/default/domains/default", domains).await.expect(200);
    assert_eq!(user.get("/brands/default/domains/default").await.expect(200)["data"]["tracking"], "");
    let checks = user.get("/brands/default/domains/default/validate").await.expect(200);
    assert_eq!(checks["data"]["bounce"][0]["valid"], true);
    user.sandbox.set_domains_valid(false);
    let checks = user.get("/brands/default/domains/default/validate").await.expect(200);
    assert_eq!(checks["data"]["bounce"][0]["valid"], false);
}
