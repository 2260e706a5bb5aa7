//! `cakemail sandbox --data`: an accepted email survives a crash.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::support::{Finished, SandboxProcess, run};

/// Sends a request and returns the body of the response, or `None` when the connection breaks.
fn send(url: &str, request: &str, headers: &str, body: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).ok()?;
    let length = body.len();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).ok()?;
    serde_json::from_str(response.split_once("\r\n\r\n")?.1).ok()
}

#[test]
fn accepted_emails_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let args = ["--data", file.to_str().unwrap(), "--clock-scale", "1000"];
    let mut sandbox = SandboxProcess::start(&args);
    let url = sandbox.url.clone();
    let tenant = send(&url, "POST /_sandbox/tenants", "", r#"{"email": "t@example.org", "password": "p"}"#).unwrap();
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let token = send(&url, "POST /token", form, "username=t%40example.org&password=p").unwrap();
    let bearer = format!("authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());

    let (accepted, count) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    thread::scope(|scope| {
        for worker in 0..4 {
            let (url, bearer, tenant, accepted, count) = (&url, &bearer, &tenant, &accepted, &count);
            scope.spawn(move || {
                for n in 0.. {
                    let email = json!({
                        "email": format!("opened+{worker}-{n}@example.com"),
                        "list_id": tenant["list_id"],
                        "sender": {"id": tenant["sender_id"]},
                        "content": {"subject": "Hi", "text": "Hello", "type": "transactional"},
                    });
                    let Some(response) = send(url, "POST /v2/emails", bearer, &email.to_string()) else { return };
                    accepted.lock().unwrap().push(response["data"]["id"].as_str().unwrap().to_owned());
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while count.load(Ordering::SeqCst) < 200 {
            thread::yield_now();
        }
        // SIGKILL, while the workers send.
        sandbox.child.kill().unwrap();
    });
    sandbox.child.wait().unwrap();

    let restarted = SandboxProcess::start(&args);
    for id in accepted.into_inner().unwrap() {
        let email = send(&restarted.url, &format!("GET /v2/emails/{id}"), &bearer, "").unwrap();
        assert_eq!(email["email_id"], id.as_str(), "{email}");
    }
    let ledger = send(&restarted.url, "GET /_sandbox/ledger", "", "").unwrap();
    assert!(ledger["accepted"].as_u64().unwrap() >= 200 && ledger["duplicates"] == 0);
}

#[test]
fn a_folder_or_a_device_is_no_data_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for (data, words) in [(path, "it is a folder: name a file in it"), ("/dev/null", "it is not a regular file")] {
        let output = run(&["sandbox", "--listen", "127.0.0.1:0", "--data", data]);
        assert_eq!(output.code, Some(1));
        assert!(output.stderr.contains(&format!("cannot use --data {data}: {words}")), "{output:?}");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "it left a file");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_data_file_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("disk/state.json"), folder.path().join("link.json"));
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for _ in 0..2 {
        drop(SandboxProcess::start(&["--data", link.to_str().unwrap()]));
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert!(file.is_file(), "the file that the link names has the state");
    }
    let running = SandboxProcess::start(&["--data", link.to_str().unwrap()]);
    let second = run(&["sandbox", "--listen", "127.0.0.1:0", "--data", file.to_str().unwrap()]);
    assert!(second.code == Some(1) && second.stderr.contains("another sandbox has it"), "{second:?}");
    drop(running);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_mounted_by_itself_is_an_error_and_stays_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let (file, mounted) = (folder.path().join("outside.json"), folder.path().join("inside.json"));
    for path in [&file, &mounted] {
        std::fs::write(path, "").unwrap();
    }
    let mount = format!("mount --bind '{}' '{}'", file.display(), mounted.display());
    let mut unshare = std::process::Command::new("unshare");
    if !unshare.args(["-m", "sh", "-c", &mount]).output().is_ok_and(|output| output.status.success()) {
        println!("not run: only root can mount");
        return;
    }
    let command = env!("CARGO_BIN_EXE_cakemail");
    let start = format!("{mount} && exec {command} sandbox --listen 127.0.0.1:0 --data '{}'", mounted.display());
    let output = Finished::of(std::process::Command::new("unshare").args(["-m", "sh", "-c", &start]));
    assert!(output.code == Some(1) && output.stderr.contains("mount its folder instead"), "{output:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"");
}

#[test]
fn an_invalid_data_file_is_an_error_and_stays_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    std::fs::write(&file, "not a state\n").unwrap();
    let data = file.to_str().unwrap();
    let output = run(&["sandbox", "--listen", "127.0.0.1:0", "--data", data]);
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains(&format!("cannot use --data {data}")), "{output:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"not a state\n", "the file has changed");
}
