//! `cakemail sandbox`: start, output and stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::support::{EMAIL, Finished, PASSWORD, SandboxProcess, cakemail, run, signed_in};

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
fn with_json_the_first_line_is_json_and_there_is_no_other() {
    let mut child = cakemail(&["sandbox", "--json", "--listen", "127.0.0.1:0", "--account", EMAIL]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let object: Value = serde_json::from_str(&line).unwrap();
    let listen = object["listen"].as_str().unwrap();
    assert_eq!((object["url"].as_str().unwrap(), &object["email"]), (&*format!("http://{listen}"), &EMAIL.into()));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn what_it_prints_is_a_url_that_works() {
    let open = SandboxProcess::start(&["--listen", "0.0.0.0:0", "--allow-non-loopback"]);
    assert!(open.url.starts_with("http://127.0.0.1:"), "{}", open.url);
    open.run(&["lists"]).ok();

    let mut behind = SandboxProcess::start(&["--public-url", "https://mail.example.com/sandbox/"]);
    assert_eq!(behind.url, "https://mail.example.com/sandbox");
    let mut text = String::new();
    while !text.contains("openapi.json") {
        assert_ne!(behind.stdout.read_line(&mut text).unwrap(), 0, "{text}");
    }
    assert!(text.contains("  https://mail.example.com/sandbox/\n"), "{text}");
    assert!(!text.contains("//127.0.0.1"), "{text}");
}

#[test]
fn a_setting_with_a_value_that_it_cannot_have_is_an_error_that_names_it() {
    for (args, words) in [
        (&["--public-url", "mail.example.com"][..], "--public-url"),
        (&["--public-url", "https://mail.example.com:99999"], "--public-url"),
        (&["--public-url", "https://mail.example.com/v2"], "--public-url"),
        (&["--allow-host", "https://mail.example.com"], "--allow-host"),
        (&["--control-token", ""], "--control-token"),
        (&["--control-token", "a b"], "--control-token"),
        (&["--private"], "--control-token"),
        (&["--check", "http://127.0.0.1:1", "--private"], "--check"),
    ] {
        let output = run(&[&["sandbox", "--listen", "127.0.0.1:0"], args].concat());
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{args:?}: {output:?}");
        assert!(output.stderr.contains(words), "{args:?}: {output:?}");
    }
}

#[test]
fn a_number_above_65535_is_no_port() {
    for args in [
        &["sandbox", "--listen", "127.0.0.1:99999"][..],
        &["sandbox", "--listen", "[::1]:65536"],
        &["sandbox", "--listen", "localhost:99999"],
        &["sandbox", "--listen", "127.0.0.1:-1"],
        &["sandbox", "--check", "http://127.0.0.1:99999"],
        &["sandbox", "--public-url", "http://127.0.0.1:99999"],
        &["outbox", "--ledger", "sqlite:x", "run", "--metrics", "127.0.0.1:99999"],
        &["lists", "--api-base", "http://127.0.0.1:99999"],
        &["lists", "--api-base", "https://127.0.0.1:65536/api"],
    ] {
        let output = Finished::of(cakemail(args).env("CAKEMAIL_ACCESS_TOKEN", "token"));
        assert!(matches!(output.code, Some(1 | 2)), "{args:?}: {output:?}");
        assert!(output.stderr.contains("port"), "{args:?}: {output:?}");
    }
}

#[test]
fn check_tells_whether_a_sandbox_is_ready() {
    let sandbox = SandboxProcess::start(&["--control-token", "secret", "--private"]);
    assert_eq!(run(&["sandbox", "--check", &sandbox.url]).ok().stdout, "");
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = run(&["sandbox", "--check", &format!("http://{unused}/")]);
    assert!(output.code == Some(1) && output.stderr.contains("is not ready"), "{output:?}");
    let output = run(&["sandbox", "--check", "nonsense"]);
    assert_eq!(output.code, Some(2), "{output:?}");
}

#[cfg(unix)]
#[test]
fn it_goes_on_when_nobody_reads_its_output() {
    for more in [&[][..], &["--json"]] {
        let args = [&["sandbox", "--listen", "127.0.0.1:0", "--account", EMAIL, "--password", PASSWORD], more].concat();
        let mut child = cakemail(&args).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split(['"', ' ', '\n']).find(|word| word.starts_with("http://")).unwrap();
        Finished::of(&mut signed_in(url, &["lists"])).ok();
        let kill = format!("kill -TERM {}", child.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let output = Finished::from(child.wait_with_output().unwrap()).ok();
        assert_eq!(output.stderr, "");
    }
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
