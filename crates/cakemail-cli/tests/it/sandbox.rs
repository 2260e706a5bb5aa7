//! `cakemail sandbox`: start, output and stop.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::support::{EMAIL, SandboxProcess, run};

fn get(url: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn the_first_line_has_the_url_of_a_server_that_responds() {
    let sandbox = SandboxProcess::start(&[]);
    assert!(!sandbox.url.ends_with(":0"));
    let response = get(&sandbox.url, "/_sandbox/health");
    assert!(response.starts_with("HTTP/1.1 200") && response.contains(r#""status":"ok""#), "{response}");
    sandbox.run(&["lists"]).ok();
}

#[test]
fn the_text_explains_how_to_use_it() {
    let mut sandbox = SandboxProcess::start(&["--account", "me@example.com"]);
    let mut text = String::new();
    while !text.contains("address decides") {
        assert_ne!(sandbox.stdout.read_line(&mut text).unwrap(), 0, "{text}");
    }
    let url = &sandbox.url;
    assert!(text.contains(&format!("export CAKEMAIL_API_BASE={url}\n")), "{text}");
    assert!(text.contains("CAKEMAIL_EMAIL=me@example.com CAKEMAIL_PASSWORD='hunter2 & c/o'\n"), "{text}");
    assert!(text.contains(&format!("curl {url}/token -d grant_type=password")), "{text}");
}

#[test]
fn with_json_the_second_line_is_json() {
    let mut sandbox = SandboxProcess::start(&["--json"]);
    let mut line = String::new();
    sandbox.stdout.read_line(&mut line).unwrap();
    let object: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["url"], sandbox.url.as_str());
    assert_eq!(object["email"], EMAIL);
}

#[cfg(unix)]
#[test]
fn sigterm_and_sigint_stop_it_with_success() {
    for signal in ["TERM", "INT"] {
        let mut sandbox = SandboxProcess::start(&[]);
        let kill = format!("kill -{signal} {}", sandbox.child.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        assert_eq!(sandbox.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn an_address_that_it_cannot_listen_on_is_an_error_with_a_fix() {
    let sandbox = SandboxProcess::start(&[]);
    let taken = run(&["sandbox", "--listen", sandbox.url.strip_prefix("http://").unwrap()]);
    assert_eq!((taken.code, taken.stdout.as_str()), (Some(1), ""));
    assert!(taken.stderr.contains("is already in use") && taken.stderr.contains("another port"), "{taken:?}");

    let open = run(&["sandbox", "--listen", "0.0.0.0:0"]);
    assert_eq!(open.code, Some(2));
    assert!(open.stderr.contains("other machines") && open.stderr.contains("--allow-non-loopback"), "{open:?}");

    let wrong = run(&["sandbox", "--listen", "8025"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("--listen") && wrong.stderr.contains("127.0.0.1:8025"), "{wrong:?}");
}

#[test]
fn clock_scale_speeds_up_the_clock() {
    let sandbox = SandboxProcess::start(&["--clock-scale", "1000000"]);
    let sender = sandbox.run(&["--json", "senders", "create", "Ada", EMAIL]).ok().json();
    let list = sandbox.run(&["--json", "lists"]).ok().json()[0]["id"].to_string();
    let (sender, to) = (sender[0]["id"].as_str().unwrap(), "clicked@example.com");
    let send = ["--json", "send", "--sender", sender, "--list", &list, "--to", to, "--subject", "Hi", "--text", "Hi"];
    let output = sandbox.run(&[&send[..], &["--wait", "clicked"]].concat()).ok();
    assert_eq!(output.json()[1]["status"], "click");
}
