//! `cakemail doctor` on a valid account, and on accounts with one problem each.

use serde_json::Value;

use super::support::{Finished, LocalSandbox, cakemail, run};

/// The checks with their states, and whether the command succeeded.
fn checks(output: &Finished) -> (Vec<(String, String)>, bool) {
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let checks = output.json().iter().map(|check| (text(check, "check"), text(check, "state"))).collect();
    (checks, output.code == Some(0))
}

/// The names of the failed checks.
fn failed(server: &LocalSandbox, args: &[&str]) -> Vec<String> {
    let (checks, succeeded) = checks(&server.run(&[&["doctor", "--json"], args].concat()));
    let failed: Vec<_> = checks.into_iter().filter(|(_, state)| state == "failed").map(|(name, _)| name).collect();
    assert_eq!(failed.is_empty(), succeeded, "{failed:?}");
    failed
}

#[test]
fn a_valid_account_passes_and_a_problem_fails_its_check() {
    let server = LocalSandbox::start();
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
fn the_text_names_each_check_and_each_fix() {
    insta::assert_snapshot!("doctor", run(&["--sandbox", "doctor"]).ok().stdout);
    let output = run(&["--sandbox", "doctor", "--sender", "999999", "--list", "1"]);
    assert_eq!(output.code, Some(1));
    insta::assert_snapshot!("doctor-failed", format!("{}{}", output.stdout, output.stderr));
}

#[test]
fn checks_that_cannot_be_made_exit_with_4() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let at = |variables: &[(&str, &str)]| {
        let mut command = cakemail(&["doctor", "--json", "--api-base", &format!("http://{unused}")]);
        Finished::of(command.envs(variables.iter().copied()))
    };
    let password = at(&[("CAKEMAIL_EMAIL", "me@example.com"), ("CAKEMAIL_PASSWORD", "any")]);
    assert_eq!(password.code, Some(4), "{password:?}");
    assert_eq!(checks(&password).0, [("credentials".to_owned(), "not checked".to_owned())]);
    let token = at(&[("CAKEMAIL_ACCESS_TOKEN", "any")]);
    assert_eq!((token.code, &token.error()["kind"]), (Some(4), &"not_checked".into()), "{token:?}");
    assert!(token.stderr.contains("Connection refused"), "{token:?}");
}

#[test]
fn a_wrong_password_ends_the_checks() {
    let server = LocalSandbox::start();
    let output = Finished::of(server.command(&["doctor", "--json"]).env("CAKEMAIL_PASSWORD", "wrong"));
    assert_eq!(checks(&output), (vec![("credentials".to_owned(), "failed".to_owned())], false));
}
