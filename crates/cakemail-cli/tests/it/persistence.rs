//! `sandbox --data`: what was answered is there again, however it ended.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::support::{Process, run};

/// A whole exchange, or nothing when the connection broke.
fn ask(url: &str, request: &str, headers: &str, body: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).ok()?;
    let length = body.len();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
}

#[test]
fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let args = ["--data", file.to_str().unwrap(), "--clock-scale", "1000"];
    let mut sandbox = Process::start(&args);
    let url = sandbox.url.clone();
    let tenant = ask(&url, "POST /_sandbox/tenants", "", r#"{"email": "t@example.org", "password": "p"}"#).unwrap();
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let token = ask(&url, "POST /token", form, "username=t%40example.org&password=p").unwrap();
    let bearer = format!("authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());

    let (accepted, answered) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    thread::scope(|scope| {
        for worker in 0..4 {
            let (url, bearer, tenant, accepted, answered) = (&url, &bearer, &tenant, &accepted, &answered);
            scope.spawn(move || {
                for n in 0.. {
                    let email = json!({
                        "email": format!("opened+{worker}-{n}@example.com"),
                        "list_id": tenant["list_id"],
                        "sender": {"id": tenant["sender_id"]},
                        "content": {"subject": "Hi", "text": "Hello", "type": "transactional"},
                    });
                    let Some(answer) = ask(url, "POST /v2/emails", bearer, &email.to_string()) else { return };
                    accepted.lock().unwrap().push(answer["data"]["id"].as_str().unwrap().to_owned());
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while answered.load(Ordering::SeqCst) < 200 {
            thread::yield_now();
        }
        // SIGKILL, in the middle of it all.
        sandbox.child.kill().unwrap();
    });
    sandbox.child.wait().unwrap();

    let again = Process::start(&args);
    for id in accepted.into_inner().unwrap() {
        let email = ask(&again.url, &format!("GET /v2/emails/{id}"), &bearer, "").unwrap();
        assert_eq!(email["email_id"], id.as_str(), "{email}");
    }
    let ledger = ask(&again.url, "GET /_sandbox/ledger", "", "").unwrap();
    assert!(ledger["accepted"].as_u64().unwrap() >= 200 && ledger["duplicates"] == 0);
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    std::fs::write(&file, "not a state\n").unwrap();
    let data = file.to_str().unwrap();
    let ended = run(&["sandbox", "--listen", "127.0.0.1:0", "--data", data]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(&format!("--data {data} cannot be used")), "{ended:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"not a state\n", "it is left as it was");
}
