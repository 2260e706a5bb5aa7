//! What each result of a submission comes to: a table.

use std::io::Write;
use std::time::Duration;

use cakemail_outbox::AttachedFile;
use serde_json::json;

use crate::api::Reply;
use crate::world::{World, email};

/// The state of an email after one submission, the kind of its reason, and whether others were submitted afterwards.
async fn verdict(reply: Reply) -> (&'static str, String, bool) {
    let world = World::with(1).await;
    world.api.reply(move |tag, number| if tag == "key-0" && number == 1 { reply.clone() } else { Reply::Accept });
    // No search of the logs.
    world.api.state().logs_fail = true;
    world.run_for(world.worker().in_flight(1), Duration::from_millis(500)).await.unwrap();
    let record = world.ledger.record("0");
    let kind = record.progress.reason.map(|reason| reason.kind).unwrap_or_default();
    (record.progress.state.name(), kind, world.api.state().submissions.len() == 1)
}

#[tokio::test(start_paused = true)]
async fn each_result_of_a_submission_has_one_consequence() {
    let detail = |text: &str| json!({"detail": text});
    let field = json!({"detail": [{"loc": ["body", "email"], "msg": "is invalid", "type": "value_error"}]});
    let id = |status: &str| json!({"submitted": true, "data": {"id": "e1", "status": status}});
    for (case, reply, state, kind) in [
        ("accepted", Reply::Accept, "accepted", ""),
        ("accepted without an id", Reply::Status(201, json!({"submitted": true})), "accepted", ""),
        ("recorded and refused", Reply::Status(201, id("rejected")), "refused", "Undeliverable"),
        ("invalid", Reply::Status(400, field.clone()), "refused", "BadRequest"),
        ("unprocessable", Reply::Status(422, field.clone()), "refused", "BadRequest"),
        ("too large", Reply::Status(413, detail("too large")), "refused", "BadRequest"),
        ("a field that does not exist", Reply::Status(404, field.clone()), "refused", "NotFound"),
        ("a path that does not exist", Reply::Status(404, detail("Not Found")), "queued", "NotFound"),
        ("another method", Reply::Status(405, detail("Method Not Allowed")), "queued", "BadRequest"),
        ("no credit", Reply::Status(402, detail("pay first")), "queued", "BadRequest"),
        ("a proxy asks for credentials", Reply::Status(407, detail("proxy")), "queued", "BadRequest"),
        ("credentials rejected", Reply::Status(401, detail("no")), "queued", "Authentication"),
        ("not allowed", Reply::Status(403, detail("no")), "queued", "Forbidden"),
        ("a redirect", Reply::Status(302, json!({})), "queued", "UnexpectedResponse"),
        ("too many", Reply::RetryAfter(60), "queued", "RateLimited"),
        ("not sent", Reply::NotSent, "queued", "ConnectionLost"),
        ("lost", Reply::Lost, "unknown", "ConnectionLost"),
        ("failed", Reply::Status(500, detail("failed")), "unknown", "Server"),
        ("timed out in a gateway", Reply::Status(504, json!({})), "unknown", "Server"),
        ("request timeout", Reply::Status(408, detail("slow")), "unknown", "Server"),
        ("not understood", Reply::Status(200, json!([])), "unknown", "UnexpectedResponse"),
        ("a panic", Reply::Panic, "unknown", "Panic"),
    ] {
        let (found_state, found_kind, is_only) = verdict(reply).await;
        // What is in doubt keeps the reason until the logs were searched.
        let kinds = [kind, if state == "unknown" { "Server" } else { kind }];
        assert!(found_state == state && kinds.contains(&&*found_kind), "{case}: {found_state}, {found_kind}");
        assert!(is_only, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn reasons_keep_the_fields_and_show_no_address() {
    let world = World::with(1).await;
    let body = json!({"detail": [{"loc": ["body", "email"], "msg": "ada@example.com is suppressed", "type": "x"}]});
    world.api.reply(move |_, _| Reply::Status(422, body.clone()));
    world.drain().await.unwrap();
    let reason = world.ledger.record("0").progress.reason.unwrap();
    assert_eq!(reason.fields.len(), 1);
    assert!(reason.fields[0].field.contains("email"));
    assert!(!format!("{reason:?}").contains("ada@"), "{reason:?}");
}

#[tokio::test]
async fn a_file_that_changed_since_it_was_attached_is_refused_with_its_field() {
    let world = World::new();
    world.api.state().latency = Duration::ZERO; // files are read in real time
    let file = || tempfile::Builder::new().prefix("report").suffix(".csv").tempfile().unwrap();
    let (mut kept, mut changed, gone) = (file(), file(), file());
    for file in [&mut kept, &mut changed] {
        file.write_all(b"content").unwrap();
    }
    let attach = |key: &str, path: &std::path::Path| email(key).attach(AttachedFile::new(path).unwrap());
    let emails = [attach("kept", kept.path()), attach("changed", changed.path()), attach("gone", gone.path())];
    world.outbox.enqueue_all(&emails).await.unwrap();
    std::fs::write(changed.path(), b"CONTENT").unwrap();
    gone.close().unwrap();
    for (key, state) in [("kept", "accepted"), ("changed", "refused"), ("gone", "refused")] {
        world.outbox.dispatch(&world.api.client(), &email(key).key).await.unwrap();
        let record = world.ledger.record(key);
        assert_eq!(record.progress.state.name(), state, "{:?}", record.progress);
        let fields = record.progress.reason.map(|reason| reason.fields).unwrap_or_default();
        assert_eq!(fields.len(), usize::from(state == "refused"), "{fields:?}");
    }
    assert_eq!(world.api.accepted().len(), 1);
}
