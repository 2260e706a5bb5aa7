//! Persistence: everything that a response confirmed survives a restart.

use std::path::Path;
use std::time::{Duration, SystemTime};

use cakemail_sandbox::{Sandbox, StartError};
use serde_json::{Value, json};

use crate::support::{User, frozen, noon, seconds};

async fn start(file: &Path) -> Sandbox {
    Sandbox::builder().clock(noon()).data(file).start().await.unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The whole state.
async fn export(sandbox: &Sandbox) -> Value {
    User { sandbox, token: String::new() }.get("/_sandbox/export").await.expect(200)
}

/// Applies commands of every kind, some of which are refused.
async fn use_everything(sandbox: &Sandbox) -> String {
    let user = User::of(sandbox).await;
    user.post("/brands/default/senders", json!({"name": "O", "email": "o@example.org"})).await.expect(201);
    let mail = sandbox.mailbox("o@example.org").remove(0);
    user.post("/lists/999999/contacts", json!({"email": "a@example.org"})).await.expect(404);
    let list = user.list().await;
    user.post(&format!("/lists/{list}/contacts"), json!({"email": "a@example.org"})).await.expect(201);
    user.get(&format!("/_sandbox/confirm?id={}", mail.confirmation_id)).await;
    user.post("/_sandbox/rules", json!({"tag": "late", "steps": [{"kind": "queued", "after_ms": 5000}]}))
        .await
        .expect(201);
    for recipient in ["clicked@example.org", "bounced@example.org", "soft-bounced@example.org"] {
        user.submit(&user.email(recipient).await).await;
        sandbox.clock().advance(seconds(1));
    }
    let mut late = user.email("late@example.org").await;
    late["tags"] = json!(["late"]);
    user.submit(&late).await;
    user.post("/suppressed-emails", json!({"email": "*@example.net"})).await.expect(201);
    user.post("/webhooks", json!({"event": "Email.Opened", "url": "http://127.0.0.1:1/"})).await.expect(201);
    user.patch("/_sandbox/profile", json!({"missing_object": "bad_request"})).await.expect(200);
    user.post("/_sandbox/tenants", json!({"email": "t@example.org", "password": "p"})).await.expect(201);
    user.token
}

#[tokio::test]
async fn a_sandbox_continues_with_the_state_of_its_file() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    let token = use_everything(&first).await;
    let before = export(&first).await;
    // Closing writes nothing: this is the same as a crash.
    first.close().await;

    let second = start(&file).await;
    // Only commands are recorded, so the clock must catch up.
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(before["state"]["now"].as_u64().unwrap());
    second.clock().advance(now.duration_since(second.clock().now()).unwrap());
    assert_eq!(export(&second).await, before);
    let user = User { sandbox: &second, token };
    user.get("/v2/emails/3fbfa67e-1111-4111-8111-111111111111").await.expect(400);
    assert_eq!(second.emails().len(), 4);
    // Ids continue where they were.
    let id = user.submit(&user.email("x@example.org").await).await;
    assert!(!before.to_string().contains(&id));
    second.close().await;
    assert_eq!(start(&file).await.emails().len(), 5);
}

#[tokio::test]
async fn an_incomplete_last_line_is_ignored_and_any_other_is_an_error() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    use_everything(&first).await;
    first.close().await;
    let complete = std::fs::read(&file).unwrap();
    std::fs::write(&file, &complete[..complete.len() - 20]).unwrap();
    let second = start(&file).await;
    let tenants = User { sandbox: &second, token: String::new() }.get("/_sandbox/tenants").await.expect(200);
    assert_eq!((tenants["total"].as_i64(), second.emails().len()), (Some(1), 4));
    second.close().await;

    // The end of a line in the middle is missing.
    let half = complete.len() / 2;
    let end = half + complete[half..].iter().position(|byte| *byte == b'\n').unwrap();
    std::fs::write(&file, [&complete[..end - 5], &complete[end..]].concat()).unwrap();
    let error = Sandbox::builder().data(&file).start().await.unwrap_err();
    assert!(matches!(&error, StartError::Data { file: it, .. } if *it == file), "{error}");
    assert!(error.to_string().contains("state.json"));
}

#[tokio::test]
async fn two_sandboxes_cannot_share_a_file() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let _first = start(&file).await;
    let error = Sandbox::builder().data(&file).start().await.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("another sandbox"), "{error:?}");
}

#[tokio::test]
async fn an_exported_state_can_be_imported_elsewhere() {
    let first = frozen().await;
    let token = use_everything(&first).await;
    let state = export(&first).await;
    let second = frozen().await;
    let user = User { sandbox: &second, token };
    user.get("/lists").await.expect(401);
    user.post("/_sandbox/import", state.clone()).await.expect(200);
    assert_eq!(export(&second).await, state);
    user.get("/lists").await.expect(200);
    assert_eq!(second.ledger().total(), first.ledger().total());
    for wrong in [json!({"cakemail_sandbox": 1, "state": {}}), json!({"cakemail_sandbox": 2, "state": {}})] {
        assert_eq!(user.post("/_sandbox/import", wrong).await.error_fields(400), ["body"]);
    }
    assert_eq!(
        user.post("/_sandbox/import", json!({})).await.error_fields(422),
        ["body.cakemail_sandbox", "body.state"]
    );
    assert_eq!(export(&second).await, state, "a refused import changes nothing");
}

#[tokio::test]
async fn a_reset_and_later_changes_survive_a_restart() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    use_everything(&first).await;
    User { sandbox: &first, token: String::new() }.post("/_sandbox/reset", json!({})).await.expect(200);
    assert!(first.emails().is_empty() && first.requests().is_empty());
    let user = User::of(&first).await;
    let id = user.submit(&user.email("a@example.org").await).await;
    first.close().await;
    let second = start(&file).await;
    assert_eq!(second.emails().into_iter().map(|email| email.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn a_file_of_another_version_is_refused_with_the_reason() {
    let folder = folder();
    let file = folder.path().join("state.json");
    for (content, reason) in [
        (r#"{"cakemail_sandbox":1,"state":{}}"#, "version 1"),
        (r#"{"format":"cakemail-sandbox-journal","version":99}"#, "version 99"),
        ("some other file", "not a journal"),
    ] {
        std::fs::write(&file, content).unwrap();
        let error = Sandbox::builder().data(&file).start().await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(reason), "{content}: {cause}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content, "the file is unchanged");
    }
}
