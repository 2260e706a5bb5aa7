//! `doctor` on accounts with one thing wrong, and on a mended one.

use serde_json::Value;

use super::support::{Ended, InProcess, run};

/// The checks and their states, and whether the command was content.
fn checks(ended: &Ended) -> (Vec<(String, String)>, bool) {
    let word = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let checks = ended.json().iter().map(|check| (word(check, "check"), word(check, "state"))).collect();
    (checks, ended.code == Some(0))
}

/// The names of the checks that failed.
fn failed(server: &InProcess, args: &[&str]) -> Vec<String> {
    let (checks, content) = checks(&server.run(&[&["doctor", "--json"], args].concat()));
    let failed: Vec<_> = checks.into_iter().filter(|(_, state)| state == "failed").map(|(name, _)| name).collect();
    assert_eq!(failed.is_empty(), content, "{failed:?}");
    failed
}

#[test]
fn a_mended_account_passes_and_a_broken_one_says_what_is_wrong() {
    let server = InProcess::start();
    let (sender, list) = server.sender_and_list();
    assert!(failed(&server, &[]).is_empty());
    assert!(failed(&server, &["--sender", &sender, "--list", &list, "--to", "ada@example.com"]).is_empty());

    assert_eq!(failed(&server, &["--sender", "999999"]), ["sender"]);
    assert_eq!(failed(&server, &["--list", "999999"]), ["list"]);
    let grace = server.run(&["senders", "create", "Grace", "grace@example.com", "--json"]).ok().json();
    assert_eq!(failed(&server, &["--sender", grace[0]["id"].as_str().unwrap()]), ["confirmation"]);
    server.sandbox.set_domains_valid(false);
    assert_eq!(failed(&server, &[]), ["DNS records"]);
    server.sandbox.set_domains_valid(true);
    let send = ["send", "--sender", &sender, "--list", &list, "--to", "bounced@example.com", "--subject", "Hi"];
    server.run(&[&send[..], &["--text", "Hi"]].concat()).ok();
    server.sandbox.clock().advance(std::time::Duration::from_secs(2));
    assert_eq!(failed(&server, &["--to", "bounced@example.com"]), ["recipient"]);
}

#[test]
fn it_reads_as_a_person_would_want_it() {
    let ended = run(&["--sandbox", "doctor"]).ok();
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "✓ credentials   an access token is at hand");
    assert!(lines.iter().any(|line| line.starts_with("✓ confirmation  the sender is confirmed")), "{ended:?}");
    let ended = run(&["--sandbox", "doctor", "--list", "1"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("✗ list") && ended.stderr.contains("1 of 7 checks failed"), "{ended:?}");
}

#[test]
fn a_wrong_password_is_the_only_finding() {
    let server = InProcess::start();
    let ended = Ended::of(server.command(&["doctor", "--json"]).env("CAKEMAIL_PASSWORD", "wrong"));
    assert_eq!(checks(&ended), (vec![("credentials".to_owned(), "failed".to_owned())], false));
}
