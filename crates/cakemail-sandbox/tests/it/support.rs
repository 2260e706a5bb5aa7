//! Shared fixtures: a small HTTP client that opens a connection for each request, and the sandboxes that tests start.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use cakemail_sandbox::{Clock, Profile, Sandbox, WebhookFaults};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) text: String,
}

impl Reply {
    /// Parses a response.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nx-sandbox-fidelity: "), "every response states its fidelity: {head}");
        Self { status: head[9..12].parse().unwrap(), head: head.to_owned(), text: body.to_owned() }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")))?;
        line.split_once(':').map(|(_, value)| value.trim())
    }

    /// The body of a response that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The fields in the errors of a response, such as `body.content.subject`.
    #[track_caller]
    pub(crate) fn error_fields(&self, status: u16) -> Vec<String> {
        let body = self.expect(status);
        let step = |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
        let entries = body["detail"].as_array().unwrap().iter();
        let loc = |entry: &Value| entry["loc"].as_array().unwrap().iter().map(step).collect::<Vec<_>>().join(".");
        entries.map(loc).collect()
    }
}

/// Writes bytes and reads one complete response.
pub(crate) async fn exchange(addr: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request).await.unwrap();
    read_response(&mut stream).await
}

/// Reads one complete response, and no byte after it.
pub(crate) async fn read_response(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(
            stream.read_u8().await.unwrap_or_else(|_| panic!("closed early: {}", String::from_utf8_lossy(&bytes))),
        );
    }
    let mut reply = Reply::read(&bytes);
    if let Some(length) = reply.header("content-length") {
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        reply.text = String::from_utf8(body).unwrap();
    } else if reply.header("transfer-encoding") == Some("chunked") {
        reply.text = String::from_utf8(read_chunks(stream).await).unwrap();
    }
    reply
}

async fn read_chunks(stream: &mut TcpStream) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(stream.read_u8().await.unwrap());
        }
        let length = usize::from_str_radix(str::from_utf8(&line).unwrap().trim_end(), 16).unwrap();
        let mut chunk = vec![0; length + 2];
        stream.read_exact(&mut chunk).await.unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&chunk[..length]);
    }
}

/// One user of a sandbox.
pub(crate) struct User<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) token: String,
}

/// A sandbox whose clock is frozen at [`noon`].
pub(crate) async fn frozen() -> Sandbox {
    Sandbox::builder().clock(noon()).start().await.unwrap()
}

/// 2026-01-01T12:00:00Z.
pub(crate) fn noon() -> Clock {
    Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_268_800))
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The lines of an exported state, without the computer's time, at which the clock was read.
pub(crate) fn without_computer_time(state: &str) -> Vec<Value> {
    let mut lines: Vec<Value> = state.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[1]["state"]["clock"]["real"].take();
    lines
}

/// The default profile with a change.
pub(crate) fn profile(change: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = Profile::default();
    change(&mut profile);
    profile
}

/// Webhook faults of which only those set by `change` are on.
pub(crate) fn webhook_faults(change: impl FnOnce(&mut WebhookFaults)) -> WebhookFaults {
    let mut faults = WebhookFaults::default();
    change(&mut faults);
    faults
}

pub(crate) async fn connect(sandbox: &Sandbox) -> TcpStream {
    TcpStream::connect(sandbox.addr()).await.unwrap()
}

/// Sends a request and reads until the connection ends. Returns the bytes and how the connection ended.
pub(crate) async fn ending(sandbox: &Sandbox, request: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let mut stream = connect(sandbox).await;
    stream.write_all(request).await.unwrap();
    read_to_the_end(&mut stream).await
}

pub(crate) async fn read_to_the_end(stream: &mut TcpStream) -> (Vec<u8>, io::Result<()>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await.map(drop);
    (bytes, end)
}

pub(crate) fn is_reset(end: &io::Result<()>) -> bool {
    end.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

impl<'a> User<'a> {
    /// Signs in to the first account.
    pub(crate) async fn of(sandbox: &'a Sandbox) -> Self {
        Self::signed_in(sandbox, sandbox.email(), sandbox.password()).await
    }

    pub(crate) async fn signed_in(sandbox: &'a Sandbox, email: &str, password: &str) -> Self {
        let mut user = Self { sandbox, token: String::new() };
        let form = serde_urlencoded::to_string([("username", email), ("password", password)]).unwrap();
        let token = user.form("POST", "/token", &form).await.expect(200);
        user.token = token["access_token"].as_str().unwrap().to_owned();
        user
    }

    /// The bytes of a request.
    pub(crate) fn bytes(&self, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
        let length = body.len();
        let token =
            if self.token.is_empty() { String::new() } else { format!("Authorization: Bearer {}\r\n", self.token) };
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{token}{headers}\r\n");
        format!("{head}{body}").into_bytes()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        exchange(self.sandbox.addr(), &self.bytes(method, path, headers, body)).await
    }

    pub(crate) async fn form(&self, method: &str, path: &str, body: &str) -> Reply {
        self.send(method, path, "Content-Type: application/x-www-form-urlencoded\r\n", body).await
    }

    /// Reads all that the connection returns: no body must follow.
    pub(crate) async fn head(&self, path: &str) -> Reply {
        let (bytes, end) = ending(self.sandbox, &self.bytes("HEAD", path, "Connection: close\r\n", "")).await;
        end.unwrap();
        Reply::read(&bytes)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, "", "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, "Content-Type: application/json\r\n", &body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send("PATCH", path, "Content-Type: application/json\r\n", &body.to_string()).await
    }

    /// The lines of the whole state.
    pub(crate) async fn export(&self) -> String {
        let reply = self.get("/_sandbox/export").await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/x-ndjson")));
        reply.text
    }

    pub(crate) async fn import(&self, state: &str) -> Reply {
        self.send("POST", "/_sandbox/import", "", state).await
    }

    /// Creates a sender with the account's own address, which is confirmed at once.
    pub(crate) async fn sender(&self) -> String {
        let body = json!({"name": "Sandbox", "email": self.sandbox.email()});
        self.post("/brands/default/senders", body).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// The first list.
    pub(crate) async fn list(&self) -> i64 {
        self.get("/lists").await.expect(200)["data"][0]["id"].as_i64().unwrap()
    }

    /// A valid email.
    pub(crate) async fn email(&self, recipient: &str) -> Value {
        let content = json!({"type": "transactional", "subject": "Hello", "html": "<p>Hello</p>"});
        let sender = json!({"id": self.sender().await});
        json!({"email": recipient, "list_id": self.list().await, "sender": sender, "content": content})
    }

    /// Submits an email and returns its id.
    pub(crate) async fn submit(&self, email: &Value) -> String {
        let response = self.post("/v2/emails", email.clone()).await.expect(201);
        response["data"]["id"].as_str().unwrap().to_owned()
    }

    /// The email in the API.
    pub(crate) async fn get_email(&self, id: &str) -> Value {
        self.get(&format!("/v2/emails/{id}")).await.expect(200)
    }
}
