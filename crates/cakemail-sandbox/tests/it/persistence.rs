//! Persistence: everything that a response confirmed survives a restart.

mod exports;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cakemail_sandbox::{Effect, Fault, Match, Sandbox, StartError};
use serde_json::{Value, json};

use crate::support::{Reply, User, frozen, noon, seconds, without_computer_time};

async fn start(file: &Path) -> Sandbox {
    Sandbox::builder().clock(noon()).data(file).start().await.unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The file as a kill would leave it now.
fn copy(file: &Path) -> PathBuf {
    let copy = file.with_extension("killed");
    std::fs::copy(file, &copy).unwrap();
    copy
}

/// The lines of the whole state.
async fn export(sandbox: &Sandbox) -> String {
    User { sandbox, token: String::new() }.export().await
}

async fn import(sandbox: &Sandbox, state: &str) -> Reply {
    User { sandbox, token: String::new() }.import(state).await
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
    let killed = copy(&file);
    first.close().await;

    for file in [killed, file] {
        let second = start(&file).await;
        assert_eq!(without_computer_time(&export(&second).await), without_computer_time(&before));
        let user = User { sandbox: &second, token: token.clone() };
        user.get("/v2/emails/3fbfa67e-1111-4111-8111-111111111111").await.expect(400);
        assert_eq!(second.emails().len(), 4);
        // Ids continue where they were.
        let id = user.submit(&user.email("x@example.org").await).await;
        assert!(!before.contains(&id));
        second.close().await;
        assert_eq!(start(&file).await.emails().len(), 5);
    }
}

#[tokio::test]
async fn an_incomplete_last_line_is_cut_off_and_any_other_is_an_error() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    use_everything(&first).await;
    let complete = std::fs::read(&file).unwrap();
    first.close().await;
    for cut in [1, 20] {
        std::fs::write(&file, &complete[..complete.len() - cut]).unwrap();
        let second = start(&file).await;
        let user = User::of(&second).await;
        let tenants = user.get("/_sandbox/tenants").await.expect(200);
        assert_eq!((tenants["total"].as_i64(), second.emails().len()), (Some(1), 4));
        let id = user.submit(&user.email("x@example.org").await).await;
        let killed = copy(&file);
        second.close().await;
        let third = start(&killed).await;
        assert_eq!(third.emails().last().unwrap().id, id, "commands follow the last complete line");
        third.close().await;
    }
    // The end of a line in the middle is missing.
    let half = complete.len() * 3 / 4;
    let end = half + complete[half..].iter().position(|byte| *byte == b'\n').unwrap();
    let number = complete[..end].iter().filter(|byte| **byte == b'\n').count() + 1;
    std::fs::write(&file, [&complete[..end - 5], &complete[end..]].concat()).unwrap();
    let error = Sandbox::builder().data(&file).start().await.unwrap_err();
    assert!(matches!(&error, StartError::Data { file: it, .. } if *it == file), "{error}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with(&format!("line {number}: ")), "{cause}");
}

#[tokio::test]
async fn two_sandboxes_cannot_share_a_file() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let _first = start(&file).await;
    let error = Sandbox::builder().data(&file).start().await.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("another sandbox"), "{error:?}");
}

/// The time after that.
async fn set_clock(sandbox: &Sandbox, body: Value) -> String {
    let reply = User { sandbox, token: String::new() }.post("/_sandbox/clock", body).await;
    reply.expect(200)["time"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_clock_goes_on_after_a_restart_from_where_it_was() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    assert_eq!(set_clock(&first, json!({"advance_ms": 90_000_500})).await, "2026-01-02T13:00:00.500Z");
    first.clock().advance(seconds(1));
    assert_eq!(set_clock(&first, json!({})).await, "2026-01-02T13:00:01.500Z", "one that its user advanced");
    let killed = copy(&file);
    first.close().await;
    for file in [&killed, &file] {
        let second = Sandbox::builder().data(file).start().await.unwrap();
        assert_eq!(set_clock(&second, json!({})).await, "2026-01-02T13:00:01.500Z");
        assert_eq!(second.clock().pace(), 0.0);
        second.close().await;
    }

    let second = start(&file).await;
    let shown = set_clock(&second, json!({"pace": 1000.0})).await;
    let shown = shown.max(set_clock(&second, json!({})).await);
    let killed = copy(&file);
    second.close().await;
    for file in [&killed, &file] {
        let third = start(file).await;
        let later = set_clock(&third, json!({})).await;
        assert!(later >= shown && later.as_str() < "2026-01-02T14", "{later} after {shown}");
        assert_eq!(third.clock().pace(), 1000.0);
        third.close().await;
    }

    let real = folder.path().join("real.json");
    let first = Sandbox::builder().data(&real).start().await.unwrap();
    set_clock(&first, json!({"advance_ms": 3_600_000})).await;
    first.close().await;
    let second = Sandbox::builder().data(&real).start().await.unwrap();
    let ahead = second.clock().now().duration_since(SystemTime::now()).unwrap();
    assert!(ahead > seconds(3590) && ahead <= seconds(3600), "{ahead:?}");
}

#[tokio::test]
async fn faults_with_their_counts_the_limit_the_lag_and_a_closed_listener_survive_a_restart() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    let user = User::of(&first).await;
    for fault in [
        json!({"on": {"operation": "listLists", "nth": 2}, "effect": {"status": 503}}),
        json!({"limit": {"rate": 5.0, "burst": 100}}),
        json!({"lag_logs_ms": 2000}),
    ] {
        user.post("/_sandbox/faults", fault).await.expect(201);
    }
    let removed = first.fault(Fault::on(Match::path("/x")));
    let kept = first.fault(Fault::on(Match::path("/y")));
    removed.remove();
    user.get("/lists").await.expect(200);
    let faults = user.get("/_sandbox/faults").await.expect(200);
    assert_eq!((faults["data"][0]["seen"].as_u64(), faults["data"][0]["hits"].as_u64()), (Some(1), Some(0)));
    drop(kept);
    let (killed, token) = (copy(&file), user.token);
    first.refuse_connections_for(seconds(60)).unwrap();
    first.close().await;

    let second = start(&killed).await;
    let user = User { sandbox: &second, token: token.clone() };
    assert_eq!(user.get("/_sandbox/faults").await.expect(200), faults);
    user.get("/lists").await.expect(503);
    let next = second.fault(Fault::on(Match::any()));
    assert!(format!("{next:?}").starts_with("FaultHandle(4: "), "{next:?}");
    second.close().await;

    let third = start(&file).await;
    assert!(tokio::net::TcpStream::connect(third.addr()).await.is_err(), "the listener is still closed");
    third.clock().advance(seconds(61));
    while tokio::net::TcpStream::connect(third.addr()).await.is_err() {
        tokio::task::yield_now().await;
    }
    let user = User { sandbox: &third, token: token.clone() };
    user.get("/_sandbox/faults").await.expect(200);
    third.clear_faults();
    third.close().await;
    let fourth = start(&file).await;
    let user = User { sandbox: &fourth, token };
    assert_eq!(user.get("/_sandbox/faults").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn tokens_that_a_fault_has_revoked_stay_revoked_after_a_restart() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    let user = User::of(&first).await;
    first.fault(Fault::on(Match::operation("listLists")).effect(Effect::ExpireToken));
    user.get("/lists").await.expect(401);
    let killed = copy(&file);
    let second = start(&killed).await;
    User { sandbox: &second, token: user.token.clone() }.get("/users/self").await.expect(401);
}

#[tokio::test]
async fn a_file_of_version_2_is_read_and_replaced() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let old = include_bytes!("persistence/version2.jsonl");
    std::fs::write(&file, old).unwrap();
    for _ in 0..2 {
        let sandbox = Sandbox::builder().data(&file).start().await.unwrap();
        let emails = sandbox.emails();
        let ids: Vec<_> = emails.iter().map(|email| email.id.as_str()).collect();
        assert_eq!(
            (emails.len(), ids[4], ids[5]),
            (6, "29c1481e-b1dc-4ba2-92ff-a72e45944bd8", "cae4b888-e4af-4307-917e-d05a975e1eae"),
            "the emails of the snapshot and of its commands, with the ids that they were accepted with"
        );
        let user = User::of(&sandbox).await;
        let list = user.list().await;
        let contacts = user.get(&format!("/lists/{list}/contacts")).await.expect(200);
        assert_eq!(contacts["data"].as_array().unwrap().len(), 7);
        assert_eq!(user.get("/_sandbox/tenants").await.expect(200)["total"], 3);
        assert_eq!(user.get("/_sandbox/rules").await.expect(200)["data"].as_array().unwrap().len(), 1);
        assert_eq!(sandbox.deliveries().len(), 3);
        let found = sandbox.wait("subject:\"hello clicked\" hello").await.unwrap();
        assert_eq!(found.len(), 1, "emails of the old version are searched, too");
        sandbox.close().await;
        let first_line = std::fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
        assert_eq!(first_line, r#"{"format":"cakemail-sandbox-journal","version":3}"#);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_the_file_stays_a_link_and_what_is_no_file_is_an_error() {
    let folder = folder();
    let (target, link) = (folder.path().join("target.json"), folder.path().join("link.json"));
    std::os::unix::fs::symlink("target.json", &link).unwrap();
    for emails in 0..2 {
        let sandbox = start(&link).await;
        assert_eq!(sandbox.emails().len(), emails);
        let user = User::of(&sandbox).await;
        user.submit(&user.email("a@example.org").await).await;
        let error = Sandbox::builder().data(&target).start().await.unwrap_err();
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("another sandbox"), "{error:?}");
        sandbox.close().await;
        assert!(link.symlink_metadata().unwrap().is_symlink() && target.is_file());
    }
    let circle = folder.path().join("circle.json");
    std::os::unix::fs::symlink("circle.json", &circle).unwrap();
    for (wrong, reason) in [
        (folder.path(), "it is a folder"),
        (Path::new("/dev/null"), "it is not a regular file"),
        (&circle, "a link that leads in a circle"),
        (&folder.path().join("missing/state.json"), "No such file"),
    ] {
        let error = Sandbox::builder().data(wrong).start().await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(reason), "{}: {cause}", wrong.display());
    }
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
        ("some other file", "not a state of a sandbox"),
    ] {
        std::fs::write(&file, content).unwrap();
        let error = Sandbox::builder().data(&file).start().await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(reason), "{content}: {cause}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content, "the file is unchanged");
    }
}

/// A body of about a MiB.
async fn large(user: &User<'_>) -> Value {
    let mut email = user.email("large@example.org").await;
    email["content"]["html"] = "<p>Hello</p>".repeat(100_000).into();
    email
}

#[tokio::test]
async fn the_file_is_replaced_by_a_shorter_one_when_its_commands_are_many() {
    let folder = folder();
    let file = folder.path().join("state.json");
    let first = start(&file).await;
    let user = User::of(&first).await;
    let id = user.submit(&user.email("a@example.org").await).await;
    let mut unlisted = large(&user).await;
    unlisted["list_id"] = json!(999_999);
    let mut largest = 0;
    loop {
        // Each is a command, and is refused when it is applied.
        assert_eq!(user.post("/v2/emails", unlisted.clone()).await.status, 400);
        let size = std::fs::metadata(&file).unwrap().len();
        if size < largest {
            break;
        }
        largest = size;
    }
    assert!(largest > 30_000_000, "{largest}");
    let last = user.submit(&user.email("b@example.org").await).await;
    let killed = copy(&file);
    first.close().await;
    assert!(!file.with_extension("json.new").exists());
    for file in [killed, file] {
        let second = start(&file).await;
        assert_eq!(second.emails().iter().map(|email| &email.id).collect::<Vec<_>>(), [&id, &last]);
        second.close().await;
    }
}
