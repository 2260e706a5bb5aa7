//! Errors: the message names the argument and the fix, and the exit code tells the kind.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use super::support::{Finished, LocalSandbox, cakemail, run};

const SEND: &[&str] = &["--sandbox", "send", "--to", "bob@example.com", "--subject", "Hi"];

/// Checks that `send` refuses these arguments, and that the error contains these words.
#[track_caller]
fn assert_refused(more: &[&str], words: &[&str]) {
    let output = run(&[SEND, more].concat());
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{output:?}");
    for word in words {
        assert!(output.stderr.contains(word), "{word}: {output:?}");
    }
}

#[test]
fn an_invalid_argument_is_named_with_a_fix() {
    assert_refused(&[], &["--html <HTML>", "--text-file <FILE>", "--template <ID>"]);
    assert_refused(&["--text", "x", "--template", "1"], &["--text", "--template"]);
    assert_refused(&["--html", "x", "--html-file", "y"], &["--html", "--html-file"]);
    assert_refused(&["--template", "x"], &["--template", "a number"]);
    assert_refused(&["--text", "x", "--list", "Contacts"], &["--list", "`cakemail lists`"]);
    assert_refused(&["--text", "x", "--header", "X"], &["--header", "Reply-To: "]);
    assert_refused(&["--text", "x", "--wait", "bounced"], &["--wait", "delivered, opened, clicked"]);
    assert_refused(&["--text", "x", "--timeout", "60s"], &["--wait"]);
    assert_refused(&["--text", "x", "--wait", "opened", "--timeout", "60"], &["--timeout", "60s"]);
    assert_refused(&["--text", ""], &["--text: is empty"]);
    assert_refused(&["--text", "x", "--tag", "a b"], &["--tag: is not a tag", "letters, digits"]);
    assert_refused(&["--text", "x", "--header", "Cc: x@example.com"], &["--header: `cc` is not an additional header"]);
    assert_refused(&["--html-file", "/no/such.html"], &["--html-file: cannot read `/no/such.html`"]);
    assert_refused(&["--text", "x", "--attach", "/no/such.pdf"], &["--attach: cannot read `/no/such.pdf`"]);
    assert_refused(&["--text", "x", "--attach", "photo.gif"], &["--attach: `photo.gif`", "jpeg"]);
    assert_refused(
        &["--text", "x", "--header", "From: x@example.com"],
        &["--header: `from` is not an additional header"],
    );
    assert_refused(&["--text", "-", "--html", "-"], &["stdin can be the HTML or the text body, not both"]);
    assert_refused(&["--text", "x", "--api-base", "http://127.0.0.1:1"], &["--sandbox and --api-base"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_not_attached_and_an_endless_body_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.pdf");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let device = folder.path().join("device.pdf");
    std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
    for path in [&pipe, &device] {
        assert_refused(
            &["--text", "x", "--attach", path.to_str().unwrap()],
            &["--attach: cannot read", "regular file"],
        );
    }
    assert_refused(&["--text-file", "/dev/zero"], &["--text-file: cannot read `/dev/zero`", "64 MiB"]);
    assert_refused(&["--html-file", folder.path().to_str().unwrap()], &["--html-file: cannot read"]);
}

#[test]
fn an_invalid_email_is_an_error_before_missing_credentials_are() {
    let output = run(&["send", "--to", "bob", "--subject", "Hi", "--text", "x", "--sender", "1", "--list", "2"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{output:?}");
    assert!(output.stderr.contains("--to: ") && !output.stderr.contains("credentials"), "{output:?}");
}

#[test]
fn all_invalid_fields_are_named_at_once() {
    let output = run(&["--sandbox", "send", "--to", "bob", "--subject", " ", "--text", "x", "--tag", "!"]);
    assert_eq!((output.code, output.stderr.matches("error: ").count()), (Some(2), 3), "{output:?}");
    for argument in ["--to: ", "--subject: ", "--tag: "] {
        assert!(output.stderr.contains(argument), "{output:?}");
    }
    let output = run(&["--json", "--sandbox", "send", "--to", "bob", "--subject", " ", "--text", "x"]);
    let error = output.error();
    assert_eq!((&error["kind"], &error["fields"][0]["field"]), (&"usage".into(), &"--to".into()));
    assert_eq!(error["fields"][1]["field"], "--subject");
}

#[test]
fn a_missing_id_is_an_error_without_the_temporary_sandbox() {
    let server = LocalSandbox::start();
    for (args, words) in [
        (&["send", "--to", "a@b.cc", "--subject", "x", "--text", "y"][..], &["--sender", "--list"][..]),
        (&["status"], &["the email ID", "cakemail logs"]),
        (&["senders", "confirm"], &["confirmation email"]),
        (&["senders", "delete"], &["`cakemail senders`"]),
        (&["lists", "create", "News"], &["--sender"]),
        (&["lists", "show"], &["`cakemail lists`"]),
    ] {
        let output = server.run(args);
        assert_eq!(output.code, Some(2), "{output:?}");
        for word in words {
            assert!(output.stderr.contains(word), "{word}: {output:?}");
        }
    }
}

#[test]
fn with_json_a_usage_error_is_json() {
    let output = run(&["--json", "logs", "--status", "lost"]);
    let error = output.error();
    assert_eq!((output.code, &error["kind"], &error["outcome"]), (Some(2), &"usage".into(), &"not_done".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("--status") && message.contains("delivered, opened"), "{message}");
}

#[test]
fn an_error_of_the_server_has_a_hint_that_names_commands() {
    let server = LocalSandbox::start();
    let (_, list) = server.sender_and_list();
    let send = ["send", "--sender", "999999", "--list", &list, "--to", "a@b.cc", "--subject", "x", "--text", "y"];
    let output = server.run(&send);
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("Invalid sender") && output.stderr.contains("`cakemail senders`"), "{output:?}");
    let error = server.run(&[&["--json"], &send[..]].concat()).error();
    assert_eq!(
        (&error["kind"], &error["status"], &error["outcome"]),
        (&"bad_request".into(), &400.into(), &"not_done".into())
    );
    assert_eq!(error["fields"][0]["field"], "sender.id");

    let output = Finished::of(server.command(&["lists"]).env("CAKEMAIL_PASSWORD", "wrong"));
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("user name and the password"), "{output:?}");
    let output = server.run(&["lists", "show", "99"]);
    assert!(output.code == Some(1) && output.stderr.contains("`cakemail lists`"), "{output:?}");
}

#[test]
fn a_rejected_or_bounced_email_exits_with_1() {
    let send = ["--sandbox", "send", "--subject", "x", "--text", "y", "--to"];
    let rejected = run(&[&send[..], &["rejected@example.com"]].concat());
    assert_eq!(rejected.code, Some(1));
    assert!(rejected.stdout.contains("status  rejected") && rejected.stderr.contains("--email-id"), "{rejected:?}");
    let bounced = run(&[&send[..], &["bounced@example.com", "--wait", "delivered"]].concat());
    assert_eq!(bounced.code, Some(1));
    assert!(bounced.stdout.contains("id  ") && bounced.stderr.contains("its status is bounced"), "{bounced:?}");
}

#[test]
fn a_lost_response_exits_with_3() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // Reads the head of the request and closes the connection.
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        BufReader::new(stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty()).next().unwrap()
    });
    let args = ["--json", "send", "--sender", "1", "--list", "2", "--to", "a@b.cc", "--subject", "x", "--text", "y"];
    let output = Finished::of(cakemail(&args).env("CAKEMAIL_API_BASE", url).env("CAKEMAIL_ACCESS_TOKEN", "token"));
    assert_eq!(server.join().unwrap(), "POST /v2/emails HTTP/1.1");
    let error = output.error();
    assert_eq!((output.code, &error["outcome"]), (Some(3), &"unknown".into()), "{output:?}");
    assert!(error["hint"].as_str().unwrap().contains("before you send it again"), "{error}");
}

#[test]
fn an_unusable_base_url_is_an_error_that_names_it() {
    let at = |url| {
        let mut command = cakemail(&["lists", "--api-base", url]);
        Finished::of(command.env("CAKEMAIL_ACCESS_TOKEN", "token"))
    };
    let invalid = at("ftp://example.com");
    assert!(invalid.code == Some(1) && invalid.stderr.contains("https://api.cakemail.dev"), "{invalid:?}");
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = at(&format!("http://{unused}"));
    assert!(refused.code == Some(1) && refused.stderr.contains("--api-base or CAKEMAIL_API_BASE"), "{refused:?}");
}
