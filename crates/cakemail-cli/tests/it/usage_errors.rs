//! What is wrong is named, with the argument and the mend; and the exit code says what kind it is.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use super::support::{Ended, InProcess, cakemail, run};

const SEND: &[&str] = &["--sandbox", "send", "--to", "bob@example.com", "--subject", "Hi"];

/// Runs `send` with these arguments: all are refused before anything is sent.
#[track_caller]
fn refused(more: &[&str], words: &[&str]) {
    let ended = run(&[SEND, more].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "{word}: {ended:?}");
    }
}

#[test]
fn arguments_are_named_with_the_mend() {
    refused(&[], &["--html <HTML>", "--text-file <FILE>", "--template <ID>"]);
    refused(&["--text", "x", "--template", "1"], &["--text", "--template"]);
    refused(&["--html", "x", "--html-file", "y"], &["--html", "--html-file"]);
    refused(&["--template", "x"], &["--template", "a number"]);
    refused(&["--text", "x", "--list", "Contacts"], &["--list", "`cakemail lists`"]);
    refused(&["--text", "x", "--header", "X"], &["--header", "Reply-To: "]);
    refused(&["--text", "x", "--wait", "bounced"], &["--wait", "delivered, opened, clicked"]);
    refused(&["--text", "x", "--timeout", "60s"], &["--wait"]);
    refused(&["--text", "x", "--wait", "opened", "--timeout", "60"], &["--timeout", "60s"]);
    refused(&["--text", ""], &["--text: is empty"]);
    refused(&["--text", "x", "--tag", "a b"], &["--tag: is not a tag", "letters, digits"]);
    refused(&["--text", "x", "--header", "Cc: x@example.com"], &["--header: `cc` and `bcc` are refused"]);
    refused(&["--html-file", "/no/such.html"], &["--html-file: `/no/such.html` cannot be read"]);
    refused(&["--text", "x", "--attach", "/no/such.pdf"], &["--attach: `/no/such.pdf` cannot be read"]);
    refused(&["--text", "x", "--attach", "photo.jpg"], &["--attach: `photo.jpg`", "jpeg"]);
    refused(&["--text", "-", "--html", "-"], &["standard input is one body"]);
    refused(&["--text", "x", "--api-base", "http://127.0.0.1:1"], &["--sandbox and --api-base"]);
}

#[test]
fn all_faults_are_named_at_once() {
    let ended = run(&["--sandbox", "send", "--to", "bob", "--subject", " ", "--text", "x", "--tag", "!"]);
    assert_eq!((ended.code, ended.stderr.matches("error: ").count()), (Some(2), 3), "{ended:?}");
    for argument in ["--to: ", "--subject: ", "--tag: "] {
        assert!(ended.stderr.contains(argument), "{ended:?}");
    }
    let ended = run(&["--json", "--sandbox", "send", "--to", "bob", "--subject", " ", "--text", "x"]);
    let error = ended.error();
    assert_eq!((&error["kind"], &error["fields"][0]["field"]), (&"usage".into(), &"--to".into()));
    assert_eq!(error["fields"][1]["field"], "--subject");
}

#[test]
fn what_only_a_sandbox_can_fill_in_is_asked_for() {
    let server = InProcess::start();
    for (args, words) in [
        (&["send", "--to", "a@b.cc", "--subject", "x", "--text", "y"][..], &["--sender", "--list"][..]),
        (&["status"], &["the email's id", "cakemail logs"]),
        (&["senders", "confirm"], &["confirmation mail"]),
        (&["senders", "delete"], &["`cakemail senders`"]),
        (&["lists", "create", "News"], &["--sender"]),
        (&["lists", "show"], &["`cakemail lists`"]),
    ] {
        let ended = server.run(args);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        for word in words {
            assert!(ended.stderr.contains(word), "{word}: {ended:?}");
        }
    }
}

#[test]
fn a_wrong_command_line_is_json_too_when_asked_for() {
    let ended = run(&["--json", "logs", "--status", "lost"]);
    let error = ended.error();
    assert_eq!((ended.code, &error["kind"], &error["outcome"]), (Some(2), &"usage".into(), &"not_done".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("--status") && message.contains("delivered, opened"), "{message}");
}

#[test]
fn what_the_server_refuses_is_said_in_the_words_of_the_command() {
    let server = InProcess::start();
    let (_, list) = server.sender_and_list();
    let send = ["send", "--sender", "999999", "--list", &list, "--to", "a@b.cc", "--subject", "x", "--text", "y"];
    let ended = server.run(&send);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("Invalid sender") && ended.stderr.contains("`cakemail senders`"), "{ended:?}");
    let error = server.run(&[&["--json"], &send[..]].concat()).error();
    assert_eq!(
        (&error["kind"], &error["status"], &error["outcome"]),
        (&"refused".into(), &400.into(), &"not_done".into())
    );
    assert_eq!(error["fields"][0]["field"], "sender.id");

    let ended = Ended::of(server.command(&["lists"]).env("CAKEMAIL_PASSWORD", "wrong"));
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("user name and the password"), "{ended:?}");
    let ended = server.run(&["lists", "show", "99"]);
    assert!(ended.code == Some(1) && ended.stderr.contains("`cakemail lists`"), "{ended:?}");
}

#[test]
fn a_rejected_or_bounced_email_is_no_success() {
    let send = ["--sandbox", "send", "--subject", "x", "--text", "y", "--to"];
    let rejected = run(&[&send[..], &["rejected@example.com"]].concat());
    assert_eq!(rejected.code, Some(1));
    assert!(rejected.stdout.contains("status  rejected") && rejected.stderr.contains("--email-id"), "{rejected:?}");
    let bounced = run(&[&send[..], &["bounced@example.com", "--wait", "delivered"]].concat());
    assert_eq!(bounced.code, Some(1));
    assert!(bounced.stdout.contains("id  ") && bounced.stderr.contains("it is bounced"), "{bounced:?}");
}

#[test]
fn when_the_answer_is_lost_nobody_knows_and_the_exit_code_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // Reads a request's head, and breaks off.
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        BufReader::new(stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty()).next().unwrap()
    });
    let args = ["--json", "send", "--sender", "1", "--list", "2", "--to", "a@b.cc", "--subject", "x", "--text", "y"];
    let ended = Ended::of(cakemail(&args).env("CAKEMAIL_API_BASE", url).env("CAKEMAIL_ACCESS_TOKEN", "token"));
    assert_eq!(server.join().unwrap(), "POST /v2/emails HTTP/1.1");
    let error = ended.error();
    assert_eq!((ended.code, &error["outcome"]), (Some(3), &"unknown".into()), "{ended:?}");
    assert!(error["hint"].as_str().unwrap().contains("Do not send it again"), "{error}");
}

#[test]
fn a_place_that_is_none_is_named() {
    let at = |url| {
        let mut command = cakemail(&["lists", "--api-base", url]);
        Ended::of(command.env("CAKEMAIL_ACCESS_TOKEN", "token"))
    };
    let wrong = at("ftp://example.com");
    assert!(wrong.code == Some(1) && wrong.stderr.contains("https://api.cakemail.dev"), "{wrong:?}");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = at(&format!("http://{nobody}"));
    assert!(refused.code == Some(1) && refused.stderr.contains("--api-base or CAKEMAIL_API_BASE"), "{refused:?}");
}
