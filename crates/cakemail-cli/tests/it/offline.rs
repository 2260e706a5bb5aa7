//! Commands without an account: `--sandbox`, and the error without credentials.

use super::support::run;

#[test]
fn every_command_runs_against_a_temporary_sandbox() {
    for command in [
        &["send", "--to", "you@example.com", "--subject", "Hi", "--text", "Hello"][..],
        &["status"],
        &["doctor"],
        &["logs"],
        &["logs", "--tag", "welcome", "--status", "opened"],
        &["senders"],
        &["senders", "create", "Bob", "bob@example.com"],
        &["senders", "confirm"],
        &["senders", "delete"],
        &["lists"],
        &["lists", "create", "News"],
        &["lists", "show"],
    ] {
        let output = run(&[&["--sandbox"], command].concat()).ok();
        assert!(!output.stdout.is_empty(), "{command:?}");
        assert!(
            output.stderr.starts_with("sandbox: ") && output.stderr.contains("nothing leaves this machine"),
            "{output:?}"
        );
        let output = run(&[command, &["--sandbox", "--json"]].concat()).ok();
        assert!(!output.json().is_empty(), "{command:?}");
        assert_eq!(output.error()["sandbox"], true);
    }
}

#[test]
fn emails_are_delivered_opened_clicked_and_bounced() {
    let send = ["--sandbox", "send", "--to", "clicked@example.com", "--subject", "Hi", "--text", "Hi", "--wait"];
    let clicked = run(&[&send[..], &["clicked"]].concat()).ok();
    assert!(clicked.stdout.ends_with("status  clicked\n"), "{clicked:?}");
    let status = run(&["--sandbox", "status"]).ok().stdout;
    assert!(status.contains("status     clicked") && status.contains("clicks     1"), "{status}");
    let bounced = run(&["--sandbox", "logs", "--status", "bounced"]).ok().stdout;
    assert!(bounced.contains("bounced@example.org") && bounced.contains("bounce type: hard"), "{bounced}");
}

#[test]
fn missing_credentials_are_an_error_that_says_how_to_provide_them() {
    for command in [&["lists"][..], &["logs"], &["senders"], &["status", "x"]] {
        let output = run(command);
        assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""));
        assert!(output.stderr.starts_with("error: no credentials are given\n"), "{output:?}");
        for words in [
            "CAKEMAIL_EMAIL=",
            "CAKEMAIL_PASSWORD=",
            "CAKEMAIL_ACCESS_TOKEN=",
            "credentials(…)",
            "cakemail --sandbox",
            "cakemail sandbox",
            "cakemail quickstart",
        ] {
            assert!(output.stderr.contains(words), "{words}: {output:?}");
        }
    }
    let error = run(&["--json", "lists"]).error();
    assert_eq!((&error["kind"], &error["outcome"]), (&"configuration".into(), &"not_done".into()));
    assert!(error["hint"].as_str().unwrap().contains("cakemail quickstart"));
}

#[test]
fn a_missing_password_is_named() {
    let mut command = super::support::cakemail(&["lists"]);
    let output = super::support::Finished::of(command.env("CAKEMAIL_EMAIL", "me@example.com"));
    assert!(output.stderr.starts_with("error: CAKEMAIL_EMAIL is set, but CAKEMAIL_PASSWORD is not\n"), "{output:?}");
}
