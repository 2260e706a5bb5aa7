//! Limits of bodies, and of what is said about them.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{User, connect, frozen, read_response, read_to_the_end};

const LARGE: usize = 40 * 1024 * 1024;

fn head(headers: &str) -> String {
    format!("POST /v2/emails HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}

#[tokio::test]
async fn the_response_to_a_body_that_is_too_large_can_be_read_after_all_of_it_was_sent() {
    let sandbox = frozen().await;
    let chunk = [b"100000\r\n", &*vec![b'x'; 0x10_0000], b"\r\n"].concat();
    for (headers, part) in [
        (format!("Content-Length: {LARGE}\r\n"), vec![b'x'; 0x10_0000]),
        ("Transfer-Encoding: chunked\r\n".into(), chunk),
    ] {
        let mut stream = connect(&sandbox).await;
        stream.write_all(head(&headers).as_bytes()).await.unwrap();
        for _ in 0..40 {
            stream.write_all(&part).await.unwrap();
        }
        let reply = read_response(&mut stream).await;
        assert_eq!((reply.status, reply.header("connection")), (413, Some("close")), "{headers}");
        let (rest, end) = read_to_the_end(&mut stream).await;
        assert!(end.is_ok() && rest.is_empty(), "{headers}: {end:?}");
    }
}

#[tokio::test]
async fn a_client_that_expects_100_continue_sends_only_a_body_that_is_wanted() {
    let sandbox = frozen().await;
    let mut stream = connect(&sandbox).await;
    let headers = format!("Content-Length: {LARGE}\r\nExpect: 100-continue\r\n");
    stream.write_all(head(&headers).as_bytes()).await.unwrap();
    assert_eq!(read_response(&mut stream).await.status, 413);
    drop(stream);

    let mut stream = connect(&sandbox).await;
    let reset = "POST /_sandbox/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(reset.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").await.unwrap();
    assert_eq!(read_response(&mut stream).await.status, 200);
}

#[tokio::test]
async fn a_response_lists_a_hundred_errors_at_most() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@example.com").await;
    email["additional_headers"] = vec![json!({"name": 1}); 50_000].into();
    let refusal = user.post("/v2/emails", email).await;
    assert!(refusal.text.len() < 20_000, "{} bytes", refusal.text.len());
    let detail = refusal.expect(422)["detail"].as_array().unwrap().clone();
    assert_eq!(detail.len(), 101);
    assert_eq!(detail[100]["type"], "too_many_errors");
    let message = detail[100]["msg"].as_str().unwrap();
    let more: usize = message.split(' ').next().unwrap().parse().unwrap();
    assert!(more >= 99_900 - 1, "{message}");
}

#[tokio::test]
async fn a_finding_about_many_or_long_names_is_short() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let email = user.email("a@example.com").await;
    for names in
        [(0..50_000).map(|number| format!("field_{number}")).collect::<Vec<_>>(), vec!["x".repeat(1024 * 1024)]]
    {
        let mut email = email.clone();
        for name in names {
            email[name.as_str()] = json!(1);
        }
        user.submit(&email).await;
    }
    let findings = sandbox.findings();
    assert_eq!(findings.len(), 2);
    for finding in findings {
        assert!(finding.message.len() < 2_000, "{} bytes", finding.message.len());
    }
    let seen = sandbox.requests().pop().unwrap();
    assert!(seen.body().len() < 17 * 1024);
}
