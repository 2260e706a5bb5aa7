//! `run`, `status`, and the metrics.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};

use super::TestBed;
use crate::support::Finished;

/// Starts `run` as a service, and waits for its first line.
fn start(mut command: Command) -> (Child, String) {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

fn get(addr: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn run_sends_until_every_email_has_ended() {
    let bed = TestBed::new();
    for number in 0..20 {
        bed.enqueue(&format!("order-{number}"), &format!("c{number}@example.com"), &[]).ok();
    }
    bed.enqueue("refused", "rejected@example.com", &[]).ok();
    let finished = bed.run(&["run", "--until-empty", "--in-flight", "4", "--rate", "1000", "--json"]).ok();
    let counts = finished.json().remove(0);
    assert_eq!((&counts["accepted"], &counts["refused"], &counts["queued"]), (&20.into(), &1.into(), &0.into()));
    assert_eq!(bed.run(&["status", "--json"]).ok().json()[0]["accepted"], 20);
    let text = bed.run(&["status"]).ok().stdout;
    assert!(text.contains("accepted     20") && text.contains("oldest due   -"), "{text}");
}

#[cfg(unix)]
#[test]
fn sigterm_and_sigint_stop_it_with_success_and_nothing_is_lost() {
    for signal in ["TERM", "INT"] {
        let bed = TestBed::new();
        bed.enqueue("order-1", "bob@example.com", &[]).ok();
        let (child, line) = start(bed.command(&["run"]));
        assert!(line.starts_with("The worker runs."), "{line}");
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let finished = Finished::from(child.wait_with_output().unwrap());
        assert_eq!(finished.code, Some(0), "{signal}: {finished:?}");
        bed.drain();
        assert_eq!((bed.state("order-1").as_str(), bed.server.sandbox.emails().len()), ("accepted", 1));
    }
}

#[test]
fn metrics_are_served_on_the_address() {
    let bed = TestBed::new();
    bed.enqueue("later", "bob@example.com", &["--send-at", "1d"]).ok();
    let (mut child, line) = start(bed.command(&["run", "--metrics", "127.0.0.1:0"]));
    let addr = line.split("http://").nth(1).unwrap().split('/').next().unwrap();
    let response = get(addr, "/metrics");
    assert!(
        response.starts_with("HTTP/1.1 200 OK\r\n") && response.contains("text/plain; version=0.0.4"),
        "{response}"
    );
    assert!(response.contains("\ncakemail_outbox_emails{state=\"queued\"} 1\n"), "{response}");
    assert!(get(addr, "/").starts_with("HTTP/1.1 404"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn rejected_credentials_are_an_error_and_leave_the_emails_queued() {
    let bed = TestBed::new();
    bed.enqueue("order-1", "bob@example.com", &[]).ok();
    let output = Finished::of(bed.command(&["run"]).env("CAKEMAIL_PASSWORD", "wr0ng"));
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("user name and the password"), "{output:?}");
    assert_eq!(bed.state("order-1"), "queued");
    let missing = Finished::of(bed.command(&["run"]).env_remove("CAKEMAIL_PASSWORD"));
    assert!(missing.code == Some(1) && missing.stderr.contains("CAKEMAIL_PASSWORD is not"), "{missing:?}");
}
