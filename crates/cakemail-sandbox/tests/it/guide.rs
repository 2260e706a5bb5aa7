//! The guide, literally: each command with the bytes that curl sends, and each response compared with the guide's.

use cakemail_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Reply, exchange, noon, seconds};

/// The guide's commands, unchanged.
const GUIDE: &str = include_str!("guide.txt");

/// Splits a command into words, as a shell does.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None, '\\') => assert_eq!(chars.next(), Some('\n')),
            (None, c) if c.is_whitespace() => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

/// The request that curl sends for a command.
fn bytes(command: &str, host: &str) -> Vec<u8> {
    let mut words = words(command).into_iter();
    assert_eq!(words.next().as_deref(), Some("curl"));
    let (mut method, mut url, mut headers, mut data) = (None, String::new(), Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" => method = words.next(),
            "-H" => headers.push(words.next().unwrap()),
            // curl removes line breaks only from data that it reads from a file.
            "-d" => data.push(words.next().unwrap()),
            _ => url = word,
        }
    }
    let path = url.strip_prefix("https://api.cakemail.dev").expect("the guide's server");
    let method = method.unwrap_or_else(|| if data.is_empty() { "GET".into() } else { "POST".into() });
    let body = data.join("&");
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n");
    for header in &headers {
        head += &format!("{header}\r\n");
    }
    if !data.is_empty() {
        if !headers.iter().any(|header| header.starts_with("Content-Type")) {
            head += "Content-Type: application/x-www-form-urlencoded\r\n";
        }
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// How the guide's commands are run: by this file, or by curl.
#[derive(Clone, Copy, PartialEq)]
enum Runner {
    Ours,
    Curl,
}

/// Runs a command with curl.
async fn curl(command: &str, url: &str) -> Reply {
    let arguments: Vec<_> =
        words(command).into_iter().skip(1).map(|word| word.replace("https://api.cakemail.dev", url)).collect();
    let run = move || std::process::Command::new("curl").args(["-sS", "-i", "--noproxy", "*"]).args(arguments).output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().expect("curl is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Reply::read(&output.stdout)
}

/// Runs the guide's commands one after the other, with their placeholders filled in.
struct Reader<'a> {
    runner: Runner,
    sandbox: &'a Sandbox,
    commands: std::vec::IntoIter<String>,
    blanks: Vec<(&'static str, String)>,
}

impl Reader<'_> {
    async fn next(&mut self) -> Reply {
        let mut command = self.commands.next().expect("one more command");
        for (blank, value) in &self.blanks {
            command = command.replace(blank, value);
        }
        match self.runner {
            Runner::Ours => exchange(self.sandbox.addr(), &bytes(&command, &self.sandbox.addr().to_string())).await,
            Runner::Curl => curl(&command, self.sandbox.url()).await,
        }
    }
}

#[tokio::test]
async fn every_request_of_the_guide_gets_the_response_of_the_guide() {
    follow_the_guide(Runner::Ours).await;
}

/// Uses curl when `GUIDE_BY` says so, as CI does. Otherwise curl may be missing, and this file sends the requests.
#[tokio::test]
async fn curl_sends_the_same_request() {
    let by_curl = std::env::var_os("GUIDE_BY").is_some_and(|by| by == "curl");
    follow_the_guide(if by_curl { Runner::Curl } else { Runner::Ours }).await;
}

async fn follow_the_guide(runner: Runner) {
    let sandbox = Sandbox::builder().account("me@example.com", "secret").clock(noon()).start().await.unwrap();
    let mut reader = Reader {
        runner,
        sandbox: &sandbox,
        commands: GUIDE.trim().split("\n\n").map(str::to_owned).collect::<Vec<_>>().into_iter(),
        blanks: vec![("YOUR_USERNAME", "me@example.com".into()), ("YOUR_PASSWORD", "secret".into())],
    };

    let token = reader.next().await;
    assert_eq!(token.header("x-sandbox-fidelity"), Some("documented"));
    let token = token.expect(200);
    assert_eq!(token["token_type"], "bearer");
    reader.blanks.push(("YOUR_ACCESS_TOKEN", token["access_token"].as_str().unwrap().into()));

    // "Otherwise, a confirmation email is sent — the recipient must click the activation link."
    let sender = reader.next().await.expect(201);
    assert_eq!(sender["data"]["confirmed"], false);
    let link = sandbox.mailbox("sender@example.com")[0].link.clone();
    let path = link.strip_prefix(sandbox.url()).unwrap();
    let click = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(exchange(sandbox.addr(), click.as_bytes()).await.status, 200);
    reader.blanks.push(("SENDER_ID", sender["id"].as_str().unwrap().into()));

    // "Use the id field from your chosen list when sending emails."
    let lists = reader.next().await.expect(200);
    reader.blanks.push(("LIST_ID", lists["data"][0]["id"].to_string()));

    let sent = reader.next().await.expect(201);
    let id = sent["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        sent,
        json!({
            "email": "recipient@example.com",
            "object": "email",
            "submitted": true,
            "data": {"id": id, "status": "queued"},
        })
    );
    reader.blanks.push(("EMAIL_ID", id.clone()));

    sandbox.clock().advance(seconds(1));
    let status = reader.next().await.expect(200);
    assert_eq!((&status["email_id"], &status["status"]), (&Value::from(id), &Value::from("delivered")));

    let tagged = reader.next().await.expect(201);
    assert_eq!(tagged["email"], "user@example.com");

    let logs = reader.next().await.expect(200);
    let rows = logs["data"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "submitted and queued, of the tagged email only");
    for row in rows {
        assert_eq!(row["email_id"], tagged["data"]["id"]);
        assert_eq!(row["tags"], json!(["password-reset", "auth"]));
    }
    assert_eq!(logs["pagination"], json!({"page": 1, "per_page": 50, "has_more": false}));
    assert_eq!(reader.commands.len(), 0, "every command of the guide was run");
}
