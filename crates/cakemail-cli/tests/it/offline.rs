//! `--sandbox`: any command without an account, and what is said when there is none.

use super::support::run;

const NOTHING_LEAVES: &str = "nothing leaves this machine";

#[test]
fn every_command_can_be_tried() {
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
        let ended = run(&[&["--sandbox"], command].concat()).ok();
        assert!(!ended.stdout.is_empty(), "{command:?}");
        assert!(ended.stderr.starts_with("sandbox: ") && ended.stderr.contains(NOTHING_LEAVES), "{ended:?}");
        let ended = run(&[command, &["--sandbox", "--json"]].concat()).ok();
        assert!(!ended.json().is_empty(), "{command:?}");
        assert_eq!(ended.error()["sandbox"], true);
    }
}

#[test]
fn emails_live_there() {
    let send = ["--sandbox", "send", "--to", "clicked@example.com", "--subject", "Hi", "--text", "Hi", "--wait"];
    let clicked = run(&[&send[..], &["clicked"]].concat()).ok();
    assert!(clicked.stdout.ends_with("status  clicked\n"), "{clicked:?}");
    let status = run(&["--sandbox", "status"]).ok().stdout;
    assert!(status.contains("status     clicked") && status.contains("clicks     1"), "{status}");
    let bounced = run(&["--sandbox", "logs", "--status", "bounced"]).ok().stdout;
    assert!(bounced.contains("bounced@example.org") && bounced.contains("bounce type: hard"), "{bounced}");
}

#[test]
fn without_credentials_it_says_how_to_give_them_and_how_to_do_without() {
    for command in [&["lists"][..], &["logs"], &["senders"], &["status", "x"]] {
        let ended = run(command);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
        assert!(ended.stderr.starts_with("error: no credentials are given\n"), "{ended:?}");
        for words in [
            "CAKEMAIL_EMAIL=",
            "CAKEMAIL_PASSWORD=",
            "CAKEMAIL_ACCESS_TOKEN=",
            "credentials(…)",
            "cakemail --sandbox",
            "cakemail sandbox",
            "cakemail quickstart",
        ] {
            assert!(ended.stderr.contains(words), "{words}: {ended:?}");
        }
    }
    let error = run(&["--json", "lists"]).error();
    assert_eq!((&error["kind"], &error["outcome"]), (&"configuration".into(), &"not_done".into()));
    assert!(error["hint"].as_str().unwrap().contains("cakemail quickstart"));
}

#[test]
fn half_of_the_credentials_are_named() {
    let mut command = super::support::cakemail(&["lists"]);
    let ended = super::support::Ended::of(command.env("CAKEMAIL_EMAIL", "me@example.com"));
    assert!(ended.stderr.starts_with("error: CAKEMAIL_EMAIL is set, but CAKEMAIL_PASSWORD is not\n"), "{ended:?}");
}
