//! A graceful stop.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::support::{connect, frozen, read_response, read_to_the_end};

const RESET: &str = "POST /_sandbox/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn requests_in_flight_are_finished_and_idle_connections_closed_at_once() {
    let sandbox = frozen().await;
    let (start, addr) = (Instant::now(), sandbox.addr());
    let mut idle = connect(&sandbox).await;
    idle.write_all(b"GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    read_response(&mut idle).await;
    let mut uploading = connect(&sandbox).await;
    uploading.write_all(RESET.as_bytes()).await.unwrap();
    uploading.write_all(b"{").await.unwrap();
    // The server has the start of the body.
    sleep(Duration::from_secs(1)).await;
    let client = tokio::spawn(async move {
        assert_eq!(read_to_the_end(&mut idle).await.0, b"");
        while TcpStream::connect(addr).await.is_ok() {
            tokio::task::yield_now().await;
        }
        uploading.write_all(b"}").await.unwrap();
        let reply = read_response(&mut uploading).await;
        assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
        assert_eq!(read_to_the_end(&mut uploading).await.0, b"");
    });
    sandbox.close().await;
    client.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_told_and_a_stream_ends() {
    let sandbox = frozen().await;
    let start = Instant::now();
    let mut waiting = connect(&sandbox).await;
    let body = r#"{"q": "to:nobody", "timeout_ms": 60000}"#;
    let request =
        format!("POST /_sandbox/wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    waiting.write_all(request.as_bytes()).await.unwrap();
    let mut live = connect(&sandbox).await;
    live.write_all(b"GET /_sandbox/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut first = [0; 16];
    live.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK\r");
    sleep(Duration::from_secs(1)).await;
    sandbox.close().await;
    assert_eq!(start.elapsed().as_secs(), 1);
    assert_eq!(read_response(&mut waiting).await.status, 503);
    let (rest, end) = read_to_the_end(&mut live).await;
    assert!(end.is_ok() && rest.ends_with(b"\r\n0\r\n\r\n"), "the stream ends as a whole: {end:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_end_is_cut_off_after_five_seconds() {
    let sandbox = frozen().await;
    let start = Instant::now();
    let mut uploading = connect(&sandbox).await;
    uploading.write_all(RESET.as_bytes()).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    sandbox.close().await;
    assert_eq!(start.elapsed().as_secs(), 6);
    assert_eq!(read_to_the_end(&mut uploading).await.0, b"");
}
