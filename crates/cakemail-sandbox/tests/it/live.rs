//! The stream of changes.

use std::collections::BTreeSet;

use cakemail_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{User, connect, frozen, seconds};

/// A client of the stream.
struct Listener {
    stream: TcpStream,
    last_serial: u64,
}

impl Listener {
    async fn of(sandbox: &Sandbox) -> Self {
        let mut stream = connect(sandbox).await;
        stream.write_all(b"GET /_sandbox/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        Self { stream, last_serial: 0 }
    }

    /// What the next event names.
    async fn next(&mut self) -> BTreeSet<String> {
        let mut text = Vec::new();
        while !text.ends_with(b"}\n\n") {
            text.push(self.stream.read_u8().await.unwrap());
        }
        let text = String::from_utf8(text).unwrap();
        let data = text.split_once("event: change\ndata: ").unwrap().1;
        let data: Value = serde_json::from_str(data).unwrap();
        let serial = data["serial"].as_u64().unwrap();
        assert!(serial >= self.last_serial, "{data}");
        self.last_serial = serial;
        data["changed"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// What events name until one names `last`.
    async fn until(&mut self, last: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        while !all.contains(last) {
            all.extend(self.next().await);
        }
        all
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn a_change_names_what_to_fetch_again() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let email = user.email("ada@example.com").await;
    let mut live = Listener::of(&sandbox).await;
    assert_eq!(
        live.next().await,
        names(&["emails", "deliveries", "requests", "findings", "resources", "settings"]),
        "the first event names everything"
    );
    let nobody = User { sandbox: &sandbox, token: String::new() };
    let rule = json!({"recipient": "x@example.com", "steps": [{"kind": "queued", "after_ms": 0}]});
    nobody.post("/_sandbox/rules", rule).await.expect(201);
    assert_eq!(live.until("settings").await, names(&["settings"]));

    let id = user.submit(&email).await;
    assert_eq!(live.until("requests").await, names(&["emails", "requests"]));
    user.get("/lists").await.expect(200);
    assert_eq!(live.until("requests").await, names(&["requests"]), "reads are recorded");
    user.get("/lists?per_pag=1").await;
    assert_eq!(live.until("findings").await, names(&["findings", "requests"]));
    user.post("/suppressed-emails", json!({"email": "x@example.com"})).await.expect(201);
    assert_eq!(live.until("requests").await, names(&["requests", "resources"]));
    nobody.post(&format!("/_sandbox/messages/{id}/events"), json!({"kind": "deliver"})).await.expect(201);
    assert_eq!(live.until("emails").await, names(&["emails"]));
    nobody.post("/_sandbox/wait", json!({"q": "to:ada"})).await.expect(200);
    nobody.get("/_sandbox/messages").await.expect(200);
    nobody.delete("/_sandbox/findings").await.expect(200);
    assert_eq!(live.until("findings").await, names(&["findings"]), "what only reads changes nothing");
    nobody.post("/_sandbox/reset", json!({})).await.expect(200);
    assert_eq!(live.until("requests").await.len(), 6);
}

#[tokio::test]
async fn planned_events_are_announced_when_they_are_due() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.submit(&user.email("clicked@example.com").await).await;
    let mut live = Listener::of(&sandbox).await;
    live.next().await;
    for _ in 0..3 {
        // Nobody asks the sandbox anything.
        sandbox.clock().advance(seconds(1));
        assert_eq!(live.next().await, names(&["emails"]));
    }
}
