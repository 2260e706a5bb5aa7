//! `sandbox`: a process that others wait for, use and stop.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::support::{Process, cakemail, run};

fn get(url: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn its_first_line_says_where_it_is_and_it_answers_there() {
    let sandbox = Process::start(&[]);
    assert!(!sandbox.url.ends_with(":0"));
    let answer = get(&sandbox.url, "/_sandbox/health");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""status":"ok""#), "{answer}");
    sandbox.run(&["lists"]).ok();
}

#[test]
fn it_says_how_to_use_it() {
    let mut sandbox = Process::start(&["--account", "me@example.com"]);
    let mut said = String::new();
    while !said.contains("name decides") {
        assert_ne!(sandbox.stdout.read_line(&mut said).unwrap(), 0, "{said}");
    }
    let url = &sandbox.url;
    assert!(said.contains(&format!("export CAKEMAIL_API_BASE={url}\n")), "{said}");
    assert!(said.contains("CAKEMAIL_EMAIL=me@example.com CAKEMAIL_PASSWORD='hunter2 & c/o'\n"), "{said}");
    assert!(said.contains(&format!("curl {url}/token -d grant_type=password")), "{said}");
}

#[test]
fn for_programs_a_json_line_follows() {
    let mut sandbox = Process::start(&["--json"]);
    let mut line = String::new();
    sandbox.stdout.read_line(&mut line).unwrap();
    let object: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["url"], sandbox.url.as_str());
    assert_eq!(object["email"], "sandbox@example.com");
}

#[cfg(unix)]
#[test]
fn it_stops_when_it_is_told_to_and_all_is_well() {
    for signal in ["TERM", "INT"] {
        let mut sandbox = Process::start(&[]);
        let kill = format!("kill -{signal} {}", sandbox.child.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        assert_eq!(sandbox.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn where_it_cannot_listen_it_says_why_and_what_to_do() {
    let sandbox = Process::start(&[]);
    let taken = run(&["sandbox", "--listen", sandbox.url.strip_prefix("http://").unwrap()]);
    assert_eq!((taken.code, taken.stdout.as_str()), (Some(1), ""));
    assert!(taken.stderr.contains("is in use already") && taken.stderr.contains("another port"), "{taken:?}");

    let open = run(&["sandbox", "--listen", "0.0.0.0:0"]);
    assert_eq!(open.code, Some(2));
    assert!(open.stderr.contains("other machines") && open.stderr.contains("--allow-non-loopback"), "{open:?}");

    let wrong = run(&["sandbox", "--listen", "8025"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("--listen") && wrong.stderr.contains("127.0.0.1:8025"), "{wrong:?}");
}

#[test]
fn time_may_run_faster() {
    let sandbox = Process::start(&["--clock-scale", "1000000"]);
    let sender = sandbox.run(&["--json", "senders", "create", "Ada", "sandbox@example.com"]).ok().json();
    let list = sandbox.run(&["--json", "lists"]).ok().json()[0]["id"].to_string();
    let (sender, to) = (sender[0]["id"].as_str().unwrap(), "clicked@example.com");
    let send = ["--json", "send", "--sender", sender, "--list", &list, "--to", to, "--subject", "Hi", "--text", "Hi"];
    let ended = sandbox.run(&[&send[..], &["--wait", "clicked"]].concat()).ok();
    assert_eq!(ended.json()[1]["status"], "click");
}

#[test]
fn every_command_has_help() {
    for command in ["quickstart", "sandbox", "send", "status", "logs", "senders", "lists"] {
        let help = run(&[command, "--help"]).ok();
        assert!(help.stdout.contains(&format!("Usage: cakemail {command}")), "{help:?}");
        assert!(help.stdout.contains("--json"), "{help:?}");
    }
    let help = run(&["--help"]).ok().stdout;
    for word in ["Exit codes:", "CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD", "CAKEMAIL_ACCESS_TOKEN", "CAKEMAIL_API_BASE"] {
        assert!(help.contains(word), "{help}");
    }
    assert_eq!(cakemail(&[]).status().unwrap().code(), Some(2));
}
