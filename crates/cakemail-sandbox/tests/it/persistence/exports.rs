//! Exports of a whole state, and imports.

use super::*;

#[tokio::test]
async fn an_exported_state_can_be_imported_elsewhere() {
    let first = frozen().await;
    let token = use_everything(&first).await;
    let state = export(&first).await;
    let second = frozen().await;
    let user = User { sandbox: &second, token };
    user.get("/lists").await.expect(401);
    import(&second, &state).await.expect(200);
    assert_eq!(without_computer_time(&export(&second).await), without_computer_time(&state));
    user.get("/lists").await.expect(200);
    assert_eq!(second.ledger().total(), first.ledger().total());
}

#[tokio::test]
async fn an_import_that_is_wrong_is_refused_with_the_reason_and_changes_nothing() {
    let sandbox = frozen().await;
    use_everything(&sandbox).await;
    let state = export(&sandbox).await;
    let lines: Vec<_> = state.lines().collect();
    let email = lines.iter().position(|line| line.starts_with("{\"email\"")).unwrap();
    let id = sandbox.emails()[0].id.clone();
    let with = |change: &dyn Fn(&mut Vec<&str>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        lines.join("\n") + "\n"
    };
    for (wrong, reason) in [
        (with(&|lines| lines.insert(email, lines[email])), format!("line {}: the email {id} appears twice", email + 2)),
        (
            with(&|lines| {
                lines.remove(email);
            }),
            format!("line {}: it should come after", lines.len() - 1),
        ),
        (with(&|lines| lines.truncate(email)), "ends before its last line".into()),
        (with(&|lines| lines.push("{}")), "more follows".into()),
        (with(&|lines| lines[email] = "{\"email\":{}}"), format!("line {}: ", email + 1)),
        (with(&|lines| lines.swap(1, 2)), "line 2: the state does not come before it".into()),
        ("{\"cakemail_sandbox\":1,\"state\":{}}".into(), "version 1".into()),
        ("{\"cakemail_sandbox\":2,\"state\":{}}".into(), "not a state of version 2".into()),
        ("{}".into(), "not a state of a sandbox".into()),
        (String::new(), "not a state of a sandbox".into()),
    ] {
        let reply = import(&sandbox, &wrong).await;
        let text = reply.expect(400)["detail"][0]["msg"].as_str().unwrap().to_owned();
        assert!(text.contains(&reason), "{reason}: {text}");
    }
    assert_eq!(without_computer_time(&export(&sandbox).await), without_computer_time(&state));
}

#[tokio::test]
async fn an_export_of_version_2_can_be_imported() {
    let sandbox = frozen().await;
    let snapshot = include_str!("version2.jsonl").lines().nth(1).unwrap();
    import(&sandbox, snapshot).await.expect(200);
    assert_eq!(sandbox.emails().len(), 4);
    assert_eq!(sandbox.wait("subject:hello").await.unwrap().len(), 4);
}

#[tokio::test]
async fn an_export_of_any_size_can_be_imported() {
    let first = frozen().await;
    let user = User::of(&first).await;
    let email = large(&user).await;
    for _ in 0..30 {
        user.submit(&email).await;
    }
    let state = user.export().await;
    assert!(state.len() > 34 * 1024 * 1024, "more than any other body may have");
    let second = frozen().await;
    import(&second, &state).await.expect(200);
    assert_eq!(second.emails().len(), 30);
    let broken = &state[..state.len() - 2];
    assert!(import(&second, broken).await.expect(400).to_string().contains("ends before its last line"));
    assert_eq!(second.emails().len(), 30);
}
