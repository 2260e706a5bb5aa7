//! `send`, `status`, `logs`, `senders` and `lists` against a sandbox.

use std::io::Write;
use std::process::Stdio;

use super::support::{Finished, LocalSandbox, SandboxProcess};

#[test]
fn an_email_is_sent_and_shown_by_status_and_logs() {
    let sandbox = SandboxProcess::start(&["--clock-scale", "1000"]);
    let sender = sandbox.run(&["senders", "create", "Ada", "ada@example.com", "--json"]).ok().json();
    let sender = sender[0]["id"].as_str().unwrap().to_owned();
    let list = sandbox.run(&["lists", "create", "Readers", "--sender", &sender, "--json"]).ok().json();
    let list = list[0]["id"].to_string();

    let send = ["send", "--sender", &sender, "--list", &list, "--to", "opened@example.com", "--subject", "Welcome"];
    let sent =
        sandbox.run(&[&send[..], &["--html", "<p>Hi</p>", "--tag", "welcome", "--wait", "opened"]].concat()).ok();
    let lines: Vec<_> = sent.stdout.lines().collect();
    let id = lines[0].strip_prefix("id      ").unwrap();
    assert_eq!(lines[1..], ["status  queued", "status  opened"]);

    let status = sandbox.run(&["status", id]).ok().stdout;
    for line in ["status     opened", "recipient  opened@example.com", "subject    Welcome", "tags       welcome"] {
        assert!(status.lines().any(|it| it == line), "{status}");
    }
    let status = sandbox.run(&["status", id, "--json"]).ok().json();
    assert_eq!((&status[0]["status"], &status[0]["open"]), (&"open".into(), &1.into()));

    let logs = |args: &[&str]| sandbox.run(&[&["logs", "--json"], args].concat()).ok().json();
    assert_eq!(logs(&[]).len(), 4);
    assert_eq!(logs(&["--tag", "welcome", "--status", "delivered"]).len(), 1);
    assert_eq!(logs(&["--tags", r#"{"not":{"is":"welcome"}}"#]).len(), 0);
    assert_eq!(logs(&["--email-id", id, "--limit", "2"]).len(), 2);
    assert_eq!(logs(&["--since", "1d", "--status", "opened"]).len(), 1);
    assert_eq!(logs(&["--since", "2020-01-01", "--until", "2020-01-02"]).len(), 0);
    let table = sandbox.run(&["logs", "--status", "opened"]).ok().stdout;
    let (head, row) = table.split_once('\n').unwrap();
    assert_eq!(head.find("EMAIL_ID"), row.find(id));
    assert_eq!(row.split_whitespace().next().unwrap().len(), "2026-11-23T17:00:00Z".len());
}

#[test]
fn logs_note_that_there_are_more_entries_than_the_limit() {
    let output = super::support::run(&["--sandbox", "logs", "--limit", "3"]).ok();
    assert_eq!(output.stdout.lines().count(), 4);
    assert!(output.stderr.contains("more than 3 entries") && output.stderr.contains("--limit"), "{output:?}");
}

#[test]
fn a_sender_is_created_confirmed_and_deleted() {
    let server = LocalSandbox::start();
    let created = server.run(&["senders", "create", "Grace", "grace@example.com"]).ok().stdout;
    assert!(created.contains("confirmed  no") && created.contains("cakemail senders confirm"), "{created}");
    let mail = server.sandbox.mailbox("grace@example.com").pop().unwrap();
    let confirmed = server.run(&["--json", "senders", "confirm", &mail.confirmation_id]).ok().json();
    assert_eq!((&confirmed[0]["email"], &confirmed[0]["confirmed"]), (&"grace@example.com".into(), &true.into()));
    let id = confirmed[0]["id"].as_str().unwrap();

    let table = server.run(&["senders"]).ok().stdout;
    assert!(table.starts_with("ID") && table.lines().nth(1).unwrap().starts_with(id), "{table}");
    assert_eq!(server.run(&["senders", "list", "--json"]).ok().json().len(), 1);
    server.run(&["senders", "delete", id]).ok();
    assert!(server.run(&["senders"]).ok().stdout.contains("There are no senders"));
}

#[test]
fn lists_are_listed_and_shown() {
    let server = LocalSandbox::start();
    let (_, list) = server.sender_and_list();
    let table = server.run(&["lists"]).ok().stdout;
    assert!(table.contains(&format!("{list}  Contacts  active")), "{table}");
    let shown = server.run(&["lists", "show", &list]).ok().stdout;
    assert!(shown.contains("name            Contacts"), "{shown}");
    assert_eq!(server.run(&["lists", "show", &list, "--json"]).ok().json()[0]["name"], "Contacts");
}

#[test]
fn send_submits_every_argument_and_ignores_byte_order_marks() {
    let server = LocalSandbox::start();
    let (sender, list) = server.sender_and_list();
    let folder = tempfile::tempdir().unwrap();
    let (page, report) = (folder.path().join("page.html"), folder.path().join("report.csv"));
    std::fs::write(&page, "\u{feff}<p>From a file</p>").unwrap();
    std::fs::write(&report, "a,b\n").unwrap();
    let (page, report) = (page.to_str().unwrap(), report.to_str().unwrap());
    let send = ["--json", "send", "--sender", &sender, "--list", &list, "--to", "bob@example.com", "--subject", "Hi"];
    let more = ["--html-file", page, "--text-file", "-", "--marketing", "--tag", "a", "--tag", "b"];
    let rest = ["--attach", report, "--header", "X-Order: 7"];
    let mut command = server.command(&[&send[..], &more, &rest].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("\u{feff}From stdin".as_bytes()).unwrap();
    let sent = Finished::from(child.wait_with_output().unwrap()).ok();

    let email = server.sandbox.emails().pop().unwrap();
    assert_eq!((&sent.json()[0]["id"], &sent.json()[0]["status"]), (&email.id.as_str().into(), &"queued".into()));
    let submission = email.submission;
    assert_eq!(submission["sender"]["id"], sender.as_str());
    assert_eq!(submission["list_id"].to_string(), list);
    assert_eq!(submission["content"]["html"], "<p>From a file</p>");
    assert_eq!(submission["content"]["text"], "From stdin");
    assert_eq!(submission["content"]["type"], "marketing");
    assert_eq!(submission["tags"].to_string(), r#"["a","b"]"#);
    assert_eq!(submission["attachment"][0]["filename"], "report.csv");
    assert_eq!(submission["attachment"][0]["content"], "YSxiCg==");
    assert_eq!(submission["additional_headers"][0]["name"], "X-Order");
}

#[test]
fn a_template_replaces_the_body_and_the_default_type_is_transactional() {
    let server = LocalSandbox::start();
    let (sender, list) = server.sender_and_list();
    let send = ["send", "--sender", &sender, "--list", &list, "--to", "bob@example.com", "--subject", "Hi"];
    server.run(&[&send[..], &["--template", "12"]].concat()).ok();
    let submission = server.sandbox.emails().pop().unwrap().submission;
    assert_eq!(submission["content"]["template"]["id"], 12);
    assert_eq!(submission["content"]["type"], "transactional");
}

#[test]
fn account_selects_another_account() {
    let server = LocalSandbox::start();
    let refused = server.run(&["--account", "999999", "--json", "lists"]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(refused.error()["kind"], "forbidden");
}
