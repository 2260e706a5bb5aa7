//! Faults in the control API.

use cakemail_sandbox::{Effect, Fault, Match, Phase, RetryAfter};
use serde_json::{Value, json};

use crate::support::{User, ending, frozen, is_reset};

const FAULTS: &str = "/_sandbox/faults";

#[tokio::test]
async fn faults_are_set_listed_and_cleared() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let email = user.email("a@example.com").await;
    let fault = json!({"on": {"operation": "submitEmail", "nth": 1}, "phase": "committed", "effect": {"status": 500}});
    let set = user.post(FAULTS, fault.clone()).await.expect(201);
    assert_eq!((&set["fault"], &set["description"]), (&fault, &json!("submitEmail, number 1: committed, 500")));
    user.post("/v2/emails", email.clone()).await.expect(500);
    user.post("/v2/emails", email.clone()).await.expect(201);
    let listed = user.get(FAULTS).await.expect(200);
    assert_eq!((&listed["data"][0]["seen"], &listed["data"][0]["hits"]), (&json!(2), &json!(1)));
    assert_eq!((&listed["limit"], &listed["lag_logs_ms"]), (&Value::Null, &json!(0)));
    let one = format!("{FAULTS}?id={}", set["id"]);
    assert_eq!(user.delete(&one).await.expect(200)["data"], json!([]));
    assert_eq!(user.delete(&one).await.error_fields(400), ["query.id"]);

    user.post(FAULTS, json!({"limit": {"rate": 0.5, "burst": 0}})).await.expect(201);
    user.post(FAULTS, json!({"lag_logs_ms": 1500})).await.expect(201);
    let listed = user.post(FAULTS, json!({"preset": "ambiguous-send", "seed": 3})).await.expect(201);
    assert_eq!(listed["data"].as_array().unwrap().len(), 5);
    assert_eq!((&listed["limit"]["rate"], &listed["lag_logs_ms"]), (&json!(0.5), &json!(1500)));
    user.post("/v2/emails", email.clone()).await.expect(429);
    assert_eq!(user.delete(FAULTS).await.expect(200), json!({"data": [], "limit": null, "lag_logs_ms": 0}));
    user.post("/v2/emails", email).await.expect(201);

    let fault = json!({"effect": "reset", "phase": null, "on": {"renewal": null, "nth": null}});
    user.post(FAULTS, fault).await.expect(201);
    assert!(is_reset(&ending(&sandbox, &user.bytes("GET", "/lists", "", "")).await.1));
}

#[tokio::test]
async fn the_listener_is_closed_for_a_time() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.post(FAULTS, json!({"refuse_ms": 500})).await.expect(201);
    assert!(tokio::net::TcpStream::connect(sandbox.addr()).await.is_err());
    sandbox.clock().advance(std::time::Duration::from_millis(500));
    while tokio::net::TcpStream::connect(sandbox.addr()).await.is_err() {
        tokio::task::yield_now().await;
    }
    user.get("/lists").await.expect(200);
}

#[tokio::test]
async fn an_invalid_fault_is_refused_with_a_message() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for (body, place, words) in [
        (json!({"effect": "explode"}), "body.effect", "expire_token"),
        (json!({"effect": "reset", "on": {"opration": "x"}}), "body.on.opration", "operation"),
        (json!({"effect": {"status": 42}}), "body.effect.status", "200"),
        (json!({"effect": {"too_many_requests": {"seconds": -1}}}), "body.effect.too_many_requests.seconds", "0"),
        (json!({"effect": "reset", "phase": "later"}), "body.phase", "committed"),
        (json!({"phase": "committed"}), "body.effect", "required"),
        (json!({"preset": "calm"}), "body.preset", "token-storm"),
        (json!({"limit": {"rate": 1, "burst": "all"}}), "body.limit.burst", "whole number"),
        (json!({"lag_logs_ms": -1}), "body.lag_logs_ms", "0"),
        (json!({"refuse_ms": 1, "forever": true}), "body.forever", "refuse_ms"),
    ] {
        let refusal = user.post(FAULTS, body.clone()).await;
        assert_eq!(refusal.error_fields(422), [place], "{body}");
        let refusal = refusal.expect(422);
        assert!(refusal["detail"][0]["msg"].as_str().unwrap().contains(words), "{body}: {refusal}");
    }
    let unknown = user.post(FAULTS, json!({"effect": "reset", "on": {"operation": "x"}})).await.expect(400);
    assert!(unknown["detail"][0]["msg"].as_str().unwrap().contains("not the id of an operation"), "{unknown}");
    user.post(FAULTS, json!({})).await.expect(422);
    user.post(FAULTS, json!([])).await.expect(422);
    user.send("POST", FAULTS, "", "not JSON").await.expect(422);
    assert_eq!(user.send("PUT", FAULTS, "", "").await.header("allow"), Some("DELETE, GET, HEAD, OPTIONS, POST"));
    assert_eq!(user.get(FAULTS).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn a_fault_round_trips_through_json() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let effects = [
        (Effect::Reset, json!("reset")),
        (Effect::Close, json!("close")),
        (Effect::Stall, json!("stall")),
        (Effect::Truncate, json!("truncate")),
        (Effect::Drip(std::time::Duration::from_millis(10)), json!({"drip_ms": 10})),
        (Effect::Garbage, json!("garbage")),
        (Effect::EndlessHeaders, json!("endless_headers")),
        (Effect::NotJson, json!("not_json")),
        (Effect::BadGateway, json!("bad_gateway")),
        (Effect::Status(503), json!({"status": 503})),
        (Effect::Unauthorized, json!("unauthorized")),
        (Effect::TooManyRequests(RetryAfter::Absent), json!({"too_many_requests": "absent"})),
        (Effect::TooManyRequests(RetryAfter::Seconds(2)), json!({"too_many_requests": {"seconds": 2}})),
        (Effect::TooManyRequests(RetryAfter::Date(2)), json!({"too_many_requests": {"date": 2}})),
        (Effect::TooManyRequests(RetryAfter::Text("soon".into())), json!({"too_many_requests": {"text": "soon"}})),
        (Effect::ExpireToken, json!("expire_token")),
        (Effect::SpendRefreshTokens, json!("spend_refresh_tokens")),
    ];
    for (effect, json) in effects {
        let on = Match::path("/lists")
            .method("GET")
            .recipient("a@b.co")
            .reused()
            .nth(1)
            .every(2)
            .probability(0.5, 3)
            .times(4);
        let fault = Fault::on(on).at(Phase::Answering).effect(effect);
        let written = serde_json::to_value(&fault).unwrap();
        assert_eq!((&written["effect"], &written["phase"]), (&json, &json!("answering")));
        assert_eq!(user.post(FAULTS, written.clone()).await.expect(201)["fault"], written);
        assert_eq!(serde_json::from_value::<Fault>(written).unwrap(), fault);
    }
}

#[tokio::test]
async fn the_ledger_is_served_over_http() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@example.com").await;
    email["tags"] = json!(["key-1", "welcome"]);
    let first = user.submit(&email).await;
    user.submit(&user.email("b@example.com").await).await;
    let second = user.submit(&email).await;
    let ledger = user.get("/_sandbox/ledger?recipient=A@example.com").await.expect(200);
    let row = |id: &str, duplicate: bool| {
        json!({
            "id": id, "recipient": "a@example.com", "tags": ["key-1", "welcome"], "accepted_at": 1_767_268_800,
            "answered": true, "duplicate": duplicate,
        })
    };
    let expected = json!({
        "posts": 3, "accepted": 3, "unanswered": 0, "duplicates": 1, "dropped": 0,
        "data": [row(&first, false), row(&second, true)], "total": 2,
    });
    assert_eq!(ledger, expected);
    let second_page = user.get("/_sandbox/ledger?per_page=2&page=2").await.expect(200);
    assert_eq!((&second_page["data"], &second_page["total"]), (&json!([row(&second, true)]), &json!(3)));
}
