//! `enqueue`, from arguments and from files.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::TestBed;
use crate::support::{Finished, run};

#[test]
fn an_email_is_enqueued_once_under_its_key_and_sent_with_every_argument() {
    let bed = TestBed::new();
    let report = bed.folder.path().join("report.csv");
    fs::write(&report, "a,b\n").unwrap();
    let more = ["--tag", "a", "--header", "X-Order: 7", "--attach", "report.csv", "--marketing"];
    let enqueued = bed.enqueue("order-1", "bob@example.com", &more).ok().json().remove(0);
    assert_eq!(enqueued["key"], "key-order-1");
    assert_eq!((&enqueued["state"], &enqueued["new"]), (&"queued".into(), &true.into()));
    let again = bed.enqueue("order-1", "bob@example.com", &more).ok().json().remove(0);
    assert_eq!(again["new"], false);
    assert!(bed.server.sandbox.emails().is_empty());

    bed.drain();
    let emails = bed.server.sandbox.emails();
    assert_eq!(emails.len(), 1);
    let submission = &emails[0].submission;
    assert_eq!(submission["tags"].to_string(), r#"["a","key-order-1"]"#);
    assert_eq!(submission["attachment"][0]["content"], "YSxiCg==");
    assert_eq!(submission["content"]["type"], "marketing");
    let again = bed.enqueue("key-order-1", "bob@example.com", &more).ok().json().remove(0);
    assert_eq!(again["state"], "accepted", "a key and its tag are the same");
}

#[test]
fn another_email_under_a_key_is_an_error_that_names_the_key() {
    let bed = TestBed::new();
    bed.enqueue("order-1", "bob@example.com", &[]).ok();
    let conflict = bed.enqueue("order-1", "r3cipient@example.com", &[]);
    assert_eq!(conflict.code, Some(1));
    assert!(conflict.stderr.contains("key-order-1") && !conflict.stderr.contains("r3cipient"), "{conflict:?}");
}

#[test]
fn an_invalid_email_is_a_usage_error_before_the_ledger_is_opened() {
    let bed = TestBed::new();
    let email = ["outbox", "enqueue", "--key", "a", "--to", "bob", "--subject", "Hi", "--text", "x"];
    for (args, words) in [
        (&email[..], &["--to: "][..]),
        (&["outbox", "enqueue", "--key", "a"], &["--to <ADDRESS>", "--subject <SUBJECT>"]),
        (&["outbox", "enqueue", "--to", "a@b.cc", "--subject", "x", "--text", "y"], &["--key <KEY>"]),
        (&["outbox", "enqueue", "--key", "a b", "--to", "a@b.cc"], &["--key", "order-1042"]),
        (
            &["outbox", "enqueue", "--key", "a", "--to", "a@b.cc", "--subject", "x", "--text", "y"],
            &["--sender", "--list"],
        ),
        (&["outbox", "enqueue", "--file", "x", "--key", "a"], &["--file", "--key"]),
        (&["outbox", "enqueue", "--file", "gone.jsonl"], &["--file: cannot read `gone.jsonl`"]),
        (&["outbox", "enqueue", "--file", "x", "--send-at", "soon"], &["--send-at", "2h"]),
    ] {
        let output = Finished::of(bed.server.command(args).env("CAKEMAIL_OUTBOX", bed.ledger()));
        assert_eq!(output.code, Some(2), "{output:?}");
        for word in words {
            assert!(output.stderr.contains(word), "{word}: {output:?}");
        }
        assert!(!bed.ledger().exists(), "{args:?}");
    }
}

#[test]
fn the_valid_lines_of_a_file_are_enqueued_and_the_others_are_named() {
    let bed = TestBed::new();
    bed.enqueue("taken", "bob@example.com", &[]).ok();
    let mut file = String::new();
    for number in 1..=1_200 {
        file += &match number {
            3 => "{\"key\": \"s3cret\"".to_owned(),
            700 => bed.line("invalid", "no address, s3cret").to_string(),
            900 => bed.line("taken", "s3cret@example.com").to_string(),
            901 => String::new(),
            _ => bed.line(&format!("order-{number}"), &format!("c{number}@example.com")).to_string(),
        };
        file += "\n";
    }
    fs::write(bed.folder.path().join("emails.jsonl"), &file).unwrap();
    let output = bed.run(&["enqueue", "--file", "emails.jsonl", "--json"]);
    assert_eq!(output.code, Some(1));
    let totals = output.json().remove(0);
    assert_eq!(totals.to_string(), r#"{"enqueued":1196,"enqueued_before":0,"invalid":3}"#);
    for line in [3, 700, 900] {
        assert!(output.stderr.contains(&format!("{{\"line\":{line},")), "{output:?}");
    }
    assert!(!output.stderr.contains("s3cret"), "{output:?}");

    let again = bed.run(&["enqueue", "--file", "emails.jsonl"]);
    assert!(again.stdout.contains("Enqueued 0; enqueued before: 1196; invalid: 3."), "{again:?}");
    assert!(again.stderr.contains("line 900: the key key-taken is in use for another email"), "{again:?}");
    let status = bed.run(&["status", "--json"]).ok().json().remove(0);
    assert_eq!(status["queued"], 1_197);
}

#[test]
fn a_file_is_read_from_stdin_with_times_and_files() {
    let bed = TestBed::new();
    fs::write(bed.folder.path().join("report.csv"), "a,b\n").unwrap();
    let mut later = bed.line("later", "bob@example.com");
    later["send_at"] = "2999-01-01T00:00:00Z".into();
    let mut file = bed.line("file", "bob@example.com");
    file["attach"] = serde_json::json!(["report.csv"]);
    file["resend_after"] = "1h".into();
    let mut command = bed.command(&["enqueue", "--file", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    write!(child.stdin.take().unwrap(), "\u{feff}{later}\n{file}").unwrap();
    Finished::from(child.wait_with_output().unwrap()).ok();
    assert_eq!(bed.show("later")["due_at"], "2999-01-01T00:00:00Z");
    assert_eq!(bed.show("file")["resend_after_seconds"], 3600);

    bed.run(&["cancel", "later"]).ok();
    bed.drain();
    assert_eq!(bed.server.sandbox.emails()[0].submission["attachment"][0]["content"], "YSxiCg==");
}

#[test]
fn a_ledger_is_named_and_only_enqueue_and_run_create_it() {
    let bed = TestBed::new();
    for args in [&["status"][..], &["list"], &["show", "a"], &["cancel", "a"], &["prune", "--older-than", "1d"]] {
        let output = bed.run(args);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("--ledger") && output.stderr.contains("does not exist"), "{output:?}");
        assert!(!bed.ledger().exists());
    }
    let missing = run(&["outbox", "status"]);
    assert_eq!(missing.code, Some(2));
    for word in ["--ledger", "outbox.db", "postgres://", "CAKEMAIL_OUTBOX"] {
        assert!(missing.stderr.contains(word), "{missing:?}");
    }
    let sandbox = run(&["--sandbox", "outbox", "status"]);
    assert!(sandbox.code == Some(2) && sandbox.stderr.contains("cakemail sandbox"), "{sandbox:?}");
}

#[test]
fn no_output_contains_the_password_of_a_ledger() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [
        format!("postgres://ada:hunter2@{unused}/app"),
        format!("postgres://{unused}/app?user=ada&password=hunter2"),
        "postgres://ada:hunter2@:port/app".to_owned(),
        format!("postgresql://ada:hunter2@{unused}/app?sslmode=hunter2"),
    ] {
        for args in [&["outbox", "status", "-vv"][..], &["outbox", "status", "--json"], &["outbox", "--help"]] {
            let output = Finished::of(crate::support::cakemail(args).env("CAKEMAIL_OUTBOX", &url));
            assert!(!(output.stdout.clone() + &output.stderr).contains("hunter2"), "{output:?}");
        }
        let output = Finished::of(crate::support::cakemail(&["outbox", "status"]).env("CAKEMAIL_OUTBOX", &url));
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains("cannot open the ledger"), "{output:?}");
    }
}
