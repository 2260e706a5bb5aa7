//! Mistakes of clients are reported, and correct requests are not.

use cakemail_sandbox::FindingRule::{
    self, RefreshStampede, RepeatedSend, RetryAfterIgnored, TokenInUrl, UnknownParameter,
};
use cakemail_sandbox::{Effect, Fault, Match, Phase, RefreshTokens, RetryAfter, Sandbox};
use serde_json::{Value, json};

use crate::support::{User, ending, frozen, noon, profile, seconds};

/// The rules of the findings since the last call, which it removes.
async fn found(sandbox: &Sandbox) -> Vec<FindingRule> {
    let rules = sandbox.findings().iter().map(|it| it.rule).collect();
    clear_findings(sandbox).await;
    rules
}

async fn clear_findings(sandbox: &Sandbox) {
    User { sandbox, token: String::new() }.delete("/_sandbox/findings").await.expect(200);
}

fn words(sandbox: &Sandbox) -> String {
    sandbox.findings().iter().map(|it| format!("{it}\n")).collect()
}

/// Makes a request while a fault is set.
async fn request_with(user: &User<'_>, (method, path): (&str, &str), body: &Value, phase: Phase, effect: Effect) {
    let fault = user.sandbox.fault(Fault::on(Match::any()).at(phase).effect(effect));
    let headers = "Content-Type: application/json\r\nConnection: close\r\n";
    // Some effects break the connection.
    let _ = ending(user.sandbox, &user.bytes(method, path, headers, &body.to_string())).await;
    assert_eq!(fault.hits(), 1);
    fault.remove();
}

async fn submit_with(user: &User<'_>, email: &Value, phase: Phase, effect: Effect) {
    request_with(user, ("POST", "/v2/emails"), email, phase, effect).await;
}

#[tokio::test]
async fn a_repeated_send_is_found() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for (phase, effect, unknown) in [
        (Phase::Committed, Effect::Reset, true),
        (Phase::Handler, Effect::Close, true),
        (Phase::Committed, Effect::Status(503), true),
        (Phase::Handler, Effect::Status(500), true),
        (Phase::Handler, Effect::Status(408), true),
        (Phase::Committed, Effect::NotJson, true),
        (Phase::Committed, Effect::BadGateway, true),
        (Phase::Answering, Effect::Truncate, true),
        (Phase::Handler, Effect::Status(400), false),
        (Phase::Handler, Effect::Unauthorized, false),
        (Phase::Handler, Effect::TooManyRequests(RetryAfter::Absent), false),
        (Phase::Committed, Effect::SpendRefreshTokens, false),
    ] {
        let email = user.email("a@example.com").await;
        submit_with(&user, &email, phase, effect.clone()).await;
        let mut other = email.clone();
        other["email"] = json!("b@example.com");
        user.submit(&other).await;
        assert_eq!(current_rules(&sandbox), [], "{effect}: another email");
        user.submit(&email).await;
        let expected = if unknown { vec![RepeatedSend] } else { vec![] };
        assert_eq!(current_rules(&sandbox), expected, "{effect}");
        user.submit(&email).await;
        assert_eq!(found(&sandbox).await, expected, "{effect}: the second time it was answered");
    }
}

fn current_rules(sandbox: &Sandbox) -> Vec<FindingRule> {
    sandbox.findings().iter().map(|it| it.rule).collect()
}

#[tokio::test]
async fn repeated_sends_are_recognized_by_key_and_each_one_is_found() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@example.com").await;
    email["tags"] = json!(["key-7", "news"]);
    submit_with(&user, &email, Phase::Committed, Effect::Reset).await;
    email["content"]["subject"] = json!("Changed");
    submit_with(&user, &email, Phase::Handler, Effect::TooManyRequests(RetryAfter::Absent)).await;
    submit_with(&user, &email, Phase::Committed, Effect::Status(502)).await;
    user.submit(&email).await;
    let findings = sandbox.findings();
    assert_eq!(findings.len(), 2, "that of the first is found once: {findings:?}");
    assert!(
        findings[0].message.contains("had no whole response") && findings[1].message.contains("had the response 502")
    );
    assert!(findings.iter().all(|it| it.account_id.is_some() && it.rule == RepeatedSend));
}

#[tokio::test]
async fn reading_the_logs_allows_a_repeated_send() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@example.com").await;
    email["tags"] = json!(["key-7"]);
    let tags = |filter: &str| serde_urlencoded::to_string([("tags", filter)]).unwrap();
    for (look, innocent) in [
        ("/v2/logs/emails?tags=key-7".into(), true),
        (format!("/v2/logs/emails?{}", tags(r#"{"and":[{"is":"key-7"}]}"#)), true),
        ("/v2/logs/emails".into(), true),
        ("/logs/emails-summary".into(), true),
        ("/v2/logs/emails?tags=key-8".into(), false),
        ("/v2/logs/emails?tags=key-7&per_page=0".into(), false),
        ("/lists".into(), false),
    ] {
        submit_with(&user, &email, Phase::Committed, Effect::Reset).await;
        user.get(&look).await;
        user.submit(&email).await;
        assert_eq!(found(&sandbox).await.is_empty(), innocent, "{look}");
    }
    submit_with(&user, &email, Phase::Committed, Effect::Reset).await;
    request_with(&user, ("GET", "/v2/logs/emails"), &json!({}), Phase::Handler, Effect::Status(500)).await;
    user.submit(&email).await;
    assert_eq!(found(&sandbox).await, [RepeatedSend], "the logs did not answer");
}

#[tokio::test]
async fn an_ignored_retry_after_is_found() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let email = user.email("a@example.com").await;
    let refused = |after| Effect::TooManyRequests(after);
    for (after, pause) in [
        (RetryAfter::Seconds(30), Some(30)),
        (RetryAfter::Date(30), Some(30)),
        (RetryAfter::Absent, None),
        (RetryAfter::Text("soon".into()), None),
        (RetryAfter::Seconds(0), None),
    ] {
        let expected = if pause.is_some() { vec![RetryAfterIgnored] } else { vec![] };
        submit_with(&user, &email, Phase::Handler, refused(after.clone())).await;
        user.get("/lists").await.expect(200);
        user.submit(&user.email("b@example.com").await).await;
        assert_eq!(current_rules(&sandbox), [], "{after:?}: another request");
        sandbox.clock().advance(seconds(29));
        user.submit(&email).await;
        assert_eq!(found(&sandbox).await, expected, "{after:?}");

        submit_with(&user, &email, Phase::Handler, refused(after.clone())).await;
        sandbox.clock().advance(seconds(30));
        user.submit(&email).await;
        assert_eq!(found(&sandbox).await, [], "{after:?}: in time");
    }
    let nobody = User { sandbox: &sandbox, token: String::new() };
    request_with(&nobody, ("GET", "/lists"), &json!({}), Phase::Handler, refused(RetryAfter::Seconds(5))).await;
    request_with(&nobody, ("GET", "/lists"), &json!({}), Phase::Handler, refused(RetryAfter::Seconds(5))).await;
    assert!(words(&sandbox).contains("asked for a pause of 5 s"), "{}", words(&sandbox));
}

#[tokio::test]
async fn unknown_names_are_found_with_a_suggestion() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@example.com").await;
    email["content"]["subjct"] = json!("x");
    email["listId"] = json!(1);
    email["attachment"] = json!([{"filename": "a.pdf", "type": "pdf", "content": "eA==", "contents": "x"}]);
    email["zzz"] = Value::Null;
    user.post("/v2/emails", email.clone()).await;
    user.post("/v2/emails", email).await;
    user.get("/v2/logs/emails?pre_page=1&tag=a&colour=red&account_id=1").await;
    user.form("POST", "/token", "username=a&pasword=b&grant_type=password").await;
    user.post("/lists", json!("text")).await;
    let found = sandbox.findings();
    assert_eq!(found.len(), 3, "the same is found once: {}", words(&sandbox));
    assert!(found.iter().all(|it| it.rule == UnknownParameter));
    for (finding, parts) in found.iter().zip([
        &[
            "`content.subjct` (did you mean `content.subject`?)",
            "`listId` (did you mean `list_id`?)",
            "`attachment.contents` (did you mean `attachment.content`?)",
            "`zzz`,",
        ][..],
        &["`pre_page` (did you mean `per_page`?)", "`tag` (did you mean `tags`?)", "the query parameter `colour`."],
        &["`pasword` (did you mean `password`?)"],
    ]) {
        for part in parts {
            let message = &finding.message;
            assert!(
                message.contains(part) || message.replace(". The API", ", The API").contains(part),
                "{part}: {message}"
            );
        }
    }
    assert!(!words(&sandbox).contains("account_id"));
}

#[tokio::test]
async fn requests_that_match_the_document_cause_no_findings() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@example.com").await;
    let more = json!({
        "tags": ["a"], "tracking": {"opens": true, "clicks_html": true, "clicks_text": false},
        "additional_headers": [{"name": "X-A", "value": "b"}],
        "attachment": {"filename": "a.pdf", "type": "pdf", "content": "eA=="},
    });
    email.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    email["content"]["custom_attributes"] = json!([{"name": "city", "value": "Lyon"}]);
    email["content"]["encoding"] = json!("utf-8");
    email["sender"]["name"] = json!("Ada");
    user.submit(&email).await;
    user.get("/v2/logs/emails?log_type=all&page=1&per_page=5&sort=-time&tags=a&iso_time=true").await.expect(200);
    user.get("/lists?with_count=true&filter=status==active").await.expect(200);
    sandbox.assert_no_findings();
}

#[tokio::test]
async fn secrets_in_urls_are_found() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let token = user.token.clone();
    for path in [
        "/lists?access_token=x",
        "/nowhere?token=x",
        "/lists?AUTHORIZATION=x",
        &format!("/lists/{token}"),
        &format!("/x?y={token}"),
    ] {
        user.get(path).await;
        assert!(current_rules(&sandbox).contains(&TokenInUrl), "{path}");
        assert!(!words(&sandbox).contains(&token), "{}", words(&sandbox));
        clear_findings(&sandbox).await;
    }
    user.get("/nowhere?tokens=x&page=2").await;
    assert_eq!(found(&sandbox).await, []);
}

const LOGIN: &str = "username=sandbox%40example.com&password=sandbox-password";

#[tokio::test]
async fn a_stampede_is_found() {
    let sandbox = frozen().await;
    let mut user = User { sandbox: &sandbox, token: String::new() };
    let sign_in = async |expected: &[FindingRule]| {
        let token = user.form("POST", "/token", LOGIN).await.expect(200);
        assert_eq!(current_rules(&sandbox), expected);
        token
    };
    for _ in 0..3 {
        sign_in(&[]).await;
    }
    sign_in(&[RefreshStampede]).await;
    let token = sign_in(&[RefreshStampede]).await;
    assert!(!words(&sandbox).contains(token["refresh_token"].as_str().unwrap()));
    found(&sandbox).await;

    // Tokens that are used, refused or old do not count.
    for _ in 0..5 {
        user.token = String::new();
        let token = user.form("POST", "/token", LOGIN).await.expect(200);
        user.token = token["access_token"].as_str().unwrap().into();
        user.get("/lists").await.expect(200);
        user.get("/lists").await.expect(200);
    }
    for _ in 0..5 {
        user.form("POST", "/token", LOGIN).await.expect(200);
        sandbox.clock().advance(seconds(1));
    }
    for _ in 0..5 {
        user.form("POST", "/token", "username=sandbox%40example.com&password=wrong").await.expect(401);
    }
    assert_eq!(found(&sandbox).await, []);
}

#[tokio::test]
async fn a_refresh_token_used_twice_is_found() {
    for refresh_tokens in [RefreshTokens::Rotated, RefreshTokens::Reusable] {
        let profile = profile(|it| it.refresh_tokens = refresh_tokens);
        let sandbox = Sandbox::builder().profile(profile).clock(noon()).start().await.unwrap();
        let user = User { sandbox: &sandbox, token: String::new() };
        let token = user.form("POST", "/token", LOGIN).await.expect(200);
        let renewal = format!("grant_type=refresh_token&refresh_token={}", token["refresh_token"].as_str().unwrap());
        user.form("POST", "/token", &renewal).await.expect(200);
        assert_eq!(current_rules(&sandbox), []);
        user.form("PUT", "/token", &renewal).await;
        assert_eq!(found(&sandbox).await, [RefreshStampede]);
    }
}

#[tokio::test]
async fn a_renewal_may_be_repeated_when_its_response_was_lost_or_its_token_refused() {
    let profile = profile(|it| it.refresh_tokens = RefreshTokens::Reusable);
    let sandbox = Sandbox::builder().profile(profile).clock(noon()).start().await.unwrap();
    let mut user = User { sandbox: &sandbox, token: String::new() };
    let token = user.form("POST", "/token", LOGIN).await.expect(200);
    let renewal = format!("grant_type=refresh_token&refresh_token={}", token["refresh_token"].as_str().unwrap());
    let lost = sandbox.fault(Fault::on(Match::renewal().nth(1)).at(Phase::Committed).effect(Effect::Status(503)));
    user.form("POST", "/token", &renewal).await.expect(503);
    let renewed = user.form("POST", "/token", &renewal).await.expect(200);
    lost.remove();
    assert_eq!(found(&sandbox).await, []);

    user.token = renewed["access_token"].as_str().unwrap().into();
    sandbox.fault(Fault::on(Match::any().nth(1)).effect(Effect::ExpireToken));
    user.get("/lists").await.expect(401);
    user.token = String::new();
    user.form("POST", "/token", &renewal).await.expect(200);
    sandbox.clock().advance(seconds(10));
    user.form("POST", "/token", &renewal).await.expect(200);
    assert_eq!(found(&sandbox).await, []);
}

#[tokio::test]
async fn findings_are_served_over_http() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.get("/lists?colour=red").await.expect(200);
    user.get("/nowhere?token=x").await.expect(404);
    let all = user.get("/_sandbox/findings").await.expect(200);
    assert_eq!((&all["total"], &all["data"][0]["rule"]), (&json!(2), &json!("token_in_url")));
    let stray = &all["data"][1];
    assert_eq!((&stray["rule"], &stray["time"]), (&json!("unknown_parameter"), &json!("2026-01-01T12:00:00.000Z")));
    assert_eq!((&stray["id"], &stray["request_id"]), (&json!(1), &json!(2)));
    let mine = format!("/_sandbox/findings?account_id={}", stray["account_id"]);
    assert_eq!(user.get(&mine).await.expect(200)["total"], 1);
    assert_eq!(user.delete(&mine).await.expect(200), json!({}));
    assert_eq!(user.get("/_sandbox/findings").await.expect(200)["total"], 1);
    user.delete("/_sandbox/findings").await.expect(200);
    sandbox.assert_no_findings();
    user.get("/lists?colour=red").await.expect(200);
    let next = user.get("/_sandbox/findings").await.expect(200);
    assert_eq!((&next["total"], &next["data"][0]["id"]), (&json!(1), &json!(3)), "found again, with the next number");
    sandbox.reset();
    sandbox.assert_no_findings();
}

#[tokio::test]
#[should_panic(
    expected = "1 finding(s) about clients:\n- unknown_parameter, request 2: listLists does not have the query \
                           parameter `colour`. The API ignores unknown names"
)]
async fn assert_no_findings_panics_with_the_findings() {
    let sandbox = frozen().await;
    User::of(&sandbox).await.get("/lists?colour=red").await.expect(200);
    sandbox.assert_no_findings();
}

#[tokio::test]
async fn findings_are_bounded() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for n in 0..1_010 {
        user.get(&format!("/nowhere{n}?token=x")).await.expect(404);
    }
    let findings = sandbox.findings();
    assert_eq!((findings.len(), findings[0].id, findings[999].id), (1_000, 11, 1_010));
}
