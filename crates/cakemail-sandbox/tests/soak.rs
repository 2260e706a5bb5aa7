//! A hundred thousand emails over HTTP, in bounded memory. The test has its own process, since the memory of the
//! process is measured.

#![cfg(test)]
#![cfg(target_os = "linux")]

use std::time::{Duration, SystemTime};

use cakemail_model::base64;
use cakemail_sandbox::{Clock, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const EMAILS: usize = 100_000;
const RECIPIENTS: usize = 5_000;

/// The memory limit of emails in bytes. All emails together have about 400 MiB.
const EMAIL_MEMORY: usize = 16 * 1024 * 1024;

/// The maximum memory of the process, in KiB.
const MAX_PEAK: u64 = 160 * 1024;

#[test]
fn memory_is_bounded() {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    threads.block_on(async {
        let clock = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_268_800));
        let sandbox = Sandbox::builder().clock(clock).memory(EMAIL_MEMORY).start().await.unwrap();
        let mut user = Connection::open(&sandbox).await;
        let form = "username=sandbox%40example.com&password=sandbox-password&expiration_seconds=100000000";
        let token = user.ask("/token", "application/x-www-form-urlencoded", "", form).await;
        let token = token["access_token"].as_str().unwrap();
        let sender = json!({"name": "Sandbox", "email": sandbox.email()}).to_string();
        let sender = user.ask("/brands/default/senders", JSON, token, &sender).await["id"].clone();
        let list = json!({"name": "List", "default_sender": {"id": sender}}).to_string();
        let list = user.ask("/lists", JSON, token, &list).await["id"].clone();

        let email = Email::new(&list, &sender);
        tokio::join!(
            submit(&sandbox, token, &email, 0),
            submit(&sandbox, token, &email, 1),
            submit(&sandbox, token, &email, 2),
            submit(&sandbox, token, &email, 3),
        );

        let ledger = sandbox.ledger();
        assert_eq!((ledger.total(), ledger.duplicate_count()), (EMAILS as u64, 0));
        let kept = sandbox.emails().len();
        assert!((1000..EMAILS / 10).contains(&kept), "{kept} are kept");
    });
    let peak = peak();
    println!("at most {peak} KiB");
    assert!(peak < MAX_PEAK, "the process took {peak} KiB, of {MAX_PEAK}");
}

/// Submits every fourth email.
async fn submit(sandbox: &Sandbox, token: &str, email: &Email, first: usize) {
    let mut connection = Connection::open(sandbox).await;
    for number in (first..EMAILS).step_by(4) {
        let answer = connection.ask("/v2/emails", JSON, token, &email.written(number)).await;
        assert_eq!(answer["submitted"], true, "{answer}");
        // The clock advances so that their events happen.
        if number.is_multiple_of(100) {
            sandbox.clock().advance(Duration::from_secs(1));
        }
    }
}

const JSON: &str = "application/json";

/// The peak memory of this process, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Emails of the size of a newsletter; every twentieth has an attachment.
struct Email {
    before: String,
    html: String,
    file: String,
}

impl Email {
    fn new(list: &Value, sender: &Value) -> Self {
        let paragraph = "<p>Dear customer, this is what is new this week, and where you find it.</p>";
        let file = json!([{"filename": "report.pdf", "type": "pdf", "content": base64::encode([b'x'; 20 * 1024])}]);
        Self {
            before: format!(r#""list_id":{list},"sender":{{"id":{sender}}}"#),
            html: paragraph.repeat(2 * 1024 / paragraph.len() + 1),
            file: format!(r#","attachment":{file}"#),
        }
    }

    /// Recipients and their names alternate, so that every lifecycle occurs.
    fn written(&self, number: usize) -> String {
        let names = ["someone", "opened", "clicked", "bounced", "soft-bounced", "complained", "unsubscribed", "stuck"];
        let Self { before, html, file } = self;
        let recipient = number % RECIPIENTS;
        let (name, file) = (names[recipient % names.len()], if number.is_multiple_of(20) { file } else { "" });
        format!(
            r#"{{"email":"{name}+{recipient}@example.com",{before},"tags":["news"],"content":{{"type":"transactional",
            "subject":"News {number}","encoding":"utf-8","html":"{html}"}}{file}}}"#
        )
    }
}

/// A minimal HTTP client.
struct Connection {
    stream: TcpStream,
    host: String,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(sandbox: &Sandbox) -> Self {
        let stream = TcpStream::connect(sandbox.addr()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, host: sandbox.addr().to_string(), answer: Vec::new() }
    }

    async fn ask(&mut self, path: &str, content_type: &str, token: &str, body: &str) -> Value {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.stream.write_all(body.as_bytes()).await.unwrap();
        self.answer.clear();
        loop {
            assert_ne!(self.stream.read_buf(&mut self.answer).await.unwrap(), 0, "the connection was closed");
            let text = str::from_utf8(&self.answer).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return serde_json::from_str(body).unwrap();
            }
        }
    }
}
