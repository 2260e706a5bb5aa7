//! Bytes that a client may send: the statuses of the responses, and whether the connection stays open.

use cakemail_sandbox::Sandbox;
use tokio::io::AsyncWriteExt;

use crate::support::{connect, frozen, read_to_the_end};

const LAST: &[u8] = b"GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// The statuses of all responses that a connection returns until it ends.
async fn statuses(sandbox: &Sandbox, bytes: &[u8], then: &[u8]) -> Vec<u16> {
    let mut stream = connect(sandbox).await;
    stream.write_all(bytes).await.unwrap();
    stream.write_all(then).await.unwrap();
    stream.shutdown().await.unwrap();
    let (received, end) = read_to_the_end(&mut stream).await;
    let text = String::from_utf8(received).unwrap();
    end.unwrap_or_else(|error| panic!("{error} after {text}"));
    let status = |response: &str| response.split(' ').nth(1).unwrap().parse().unwrap();
    text.split("HTTP/1.").skip(1).map(status).collect()
}

/// One case: a name, bytes, and the statuses of the responses.
type Case<'a> = (&'a str, String, &'a [u16]);

/// Checks that the connection is open, or closed, after each case.
async fn check(cases: &[Case<'_>], is_open: bool) {
    let sandbox = frozen().await;
    for (name, bytes, expected) in cases {
        let mut expected = expected.to_vec();
        if is_open {
            expected.push(200);
        }
        assert_eq!(statuses(&sandbox, bytes.as_bytes(), LAST).await, expected, "{name}");
    }
}

fn get(line: &str, headers: &str) -> String {
    format!("{line}\r\n{headers}\r\n")
}

fn post(headers: &str, body: &str) -> String {
    format!("POST /_sandbox/reset HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}")
}

const HOST: &str = "Host: localhost\r\n";

#[tokio::test]
async fn the_connection_stays_open_after_a_request_that_was_read_completely() {
    let health = get("GET /_sandbox/health HTTP/1.1", HOST);
    check(
        &[
            ("no request", String::new(), &[]),
            ("a GET", health.clone(), &[200]),
            ("an unknown path", get("GET /nowhere HTTP/1.1", HOST), &[404]),
            ("pipelined requests", format!("{health}{}{health}", get("GET /nowhere HTTP/1.1", HOST)), &[200, 404, 200]),
            ("forty pipelined requests", health.repeat(40), &[200; 40]),
            ("an empty line before the request", format!("\r\n{health}"), &[200]),
            ("lines without CR", health.replace('\r', ""), &[200]),
            ("keep-alive in HTTP/1.0", get("GET /_sandbox/health HTTP/1.0", "Connection: keep-alive\r\n"), &[200]),
            ("HEAD", get("HEAD /_sandbox/health HTTP/1.1", HOST), &[200]),
            ("OPTIONS of everything", get("OPTIONS * HTTP/1.1", HOST), &[204]),
            ("OPTIONS of a path", get("OPTIONS /lists HTTP/1.1", HOST), &[204]),
            ("CONNECT", get("CONNECT localhost:80 HTTP/1.1", HOST), &[405]),
            ("TRACE", get("TRACE /lists HTTP/1.1", HOST), &[405]),
            ("a method that nobody knows", get("BREW /lists HTTP/1.1", HOST), &[405]),
            ("a method in lower case", get("get /lists HTTP/1.1", HOST), &[405]),
            ("an absolute target", get("GET http://localhost/_sandbox/health HTTP/1.1", HOST), &[200]),
            (
                "an absolute target, whose host counts",
                get("GET http://127.0.0.1/_sandbox/health HTTP/1.1", "Host: evil.example\r\n"),
                &[200],
            ),
            (
                "an absolute target at another host",
                get("GET http://evil.example/_sandbox/health HTTP/1.1", HOST),
                &[403],
            ),
            ("a request for another protocol", get("GET /_sandbox/health HTTP/1.1", "Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), &[200]),
            ("a body with a length", post("Content-Length: 2\r\n", "{}"), &[200]),
            ("the same length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), &[200]),
            ("a body in chunks", post("Transfer-Encoding: chunked\r\n", "1;name=value\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), &[200]),
            (
                "trailers",
                post("Transfer-Encoding: chunked\r\nTrailer: Expires\r\n", "2\r\n{}\r\n0\r\nExpires: never\r\nX: y\r\n\r\n"),
                &[200],
            ),
            ("a body of a GET", get("GET /_sandbox/health HTTP/1.1", "Host: localhost\r\nContent-Length: 2\r\n") + "{}", &[200]),
            ("100-continue without waiting", post("Content-Length: 2\r\nExpect: 100-continue\r\n", "{}"), &[100, 200]),
        ],
        true,
    )
    .await;
}

#[tokio::test]
async fn the_connection_is_closed_where_the_next_request_would_be_in_doubt() {
    let header = |length: usize| format!("X: {}\r\n{HOST}", "x".repeat(length));
    check(
        &[
            ("close", get("GET /_sandbox/health HTTP/1.1", "Host: localhost\r\nConnection: close\r\n"), &[200]),
            ("HTTP/1.0", get("GET /_sandbox/health HTTP/1.0", ""), &[200]),
            ("no Host", get("GET /_sandbox/health HTTP/1.1", ""), &[400]),
            ("two Hosts", get("GET /_sandbox/health HTTP/1.1", "Host: localhost\r\nHost: localhost\r\n"), &[400]),
            ("no HTTP", "hello\r\n\r\n".into(), &[400]),
            ("the start of TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\r\n\r\n".into(), &[400]),
            ("a header without a colon", get("GET / HTTP/1.1", "Host localhost\r\n"), &[400]),
            ("a space in a header's name", get("GET / HTTP/1.1", "Host : localhost\r\n"), &[400]),
            ("a folded header", get("GET / HTTP/1.1", "Host: localhost\r\nX: a\r\n b\r\n"), &[400]),
            ("a space in the target", get("GET /a b HTTP/1.1", HOST), &[400]),
            ("HTTP/1.2", get("GET / HTTP/1.2", HOST), &[400]),
            ("a head that is too large", get("GET / HTTP/1.1", &header(65 * 1024)), &[431]),
            ("a head that is far too large", get("GET / HTTP/1.1", &header(1024 * 1024)), &[431]),
            ("too many headers", get("GET / HTTP/1.1", &format!("{HOST}{}", "X: y\r\n".repeat(100))), &[431]),
            ("a target that is too long", get(&format!("GET /{} HTTP/1.1", "x".repeat(70_000)), HOST), &[431]),
            ("a length that is no number", post("Content-Length: two\r\n", "{}"), &[400]),
            ("a negative length", post("Content-Length: -2\r\n", "{}"), &[400]),
            ("two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), &[400]),
            ("an unknown coding", post("Transfer-Encoding: gzip\r\n", "{}"), &[400]),
            (
                "chunks and a length",
                post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "2\r\n{}\r\n0\r\n\r\n"),
                &[200],
            ),
            ("chunks that are none", post("Transfer-Encoding: chunked\r\n", "{}\r\n"), &[400]),
            (
                "a chunk that is longer than its length",
                post("Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"),
                &[400],
            ),
        ],
        false,
    )
    .await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let sandbox = frozen().await;
    for (name, bytes) in [
        ("before a length is reached", post("Content-Length: 10\r\n", "{")),
        ("before the body", post("Content-Length: 10\r\n", "")),
        ("within a chunk", post("Transfer-Encoding: chunked\r\n", "5\r\n{")),
        ("before the last chunk", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n")),
        ("within the trailers", post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX: ")),
    ] {
        assert_eq!(statuses(&sandbox, bytes.as_bytes(), b"").await, [400], "{name}");
    }
    assert!(sandbox.requests().iter().all(|request| request.status == 400));
}

#[tokio::test]
async fn a_head_that_breaks_off_has_no_response() {
    let sandbox = frozen().await;
    for bytes in ["GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n", "\r\n"] {
        assert_eq!(statuses(&sandbox, bytes.as_bytes(), b"").await, Vec::<u16>::new(), "{bytes:?}");
    }
}

#[tokio::test]
async fn http_2_without_an_upgrade_is_closed() {
    let sandbox = frozen().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    assert_eq!(statuses(&sandbox, preface, b"").await, Vec::<u16>::new());
}

/// The head and the body are read in pieces of any size.
#[tokio::test]
async fn a_request_may_come_a_byte_at_a_time() {
    let sandbox = frozen().await;
    let mut stream = connect(&sandbox).await;
    let request = [post("Content-Length: 2\r\n", "{}").as_bytes(), LAST].concat();
    for byte in request {
        stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let (received, end) = read_to_the_end(&mut stream).await;
    end.unwrap();
    assert_eq!(String::from_utf8(received).unwrap().matches("HTTP/1.1 200 OK").count(), 2);
}
