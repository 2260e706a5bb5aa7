//! Clients that are too slow, in virtual time: it moves on when nothing else happens.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::support::{Reply, connect, frozen, read_response, read_to_the_end};

const HEALTH: &[u8] = b"GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
const POST: &[u8] = b"POST /_sandbox/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";

/// After its last response a connection is looked after for a moment before it counts as idle.
const MOMENT: u64 = 2;

/// How long the connection stays open, in seconds, and what was sent on it.
async fn open_for(stream: &mut TcpStream) -> (u64, Vec<u8>) {
    let start = Instant::now();
    let (bytes, end) = read_to_the_end(stream).await;
    end.unwrap();
    (start.elapsed().as_secs(), bytes)
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_request_is_closed_after_two_minutes() {
    let sandbox = frozen().await;
    let mut stream = connect(&sandbox).await;
    assert_eq!(open_for(&mut stream).await, (120, Vec::new()));

    let mut stream = connect(&sandbox).await;
    for _ in 0..3 {
        stream.write_all(HEALTH).await.unwrap();
        read_response(&mut stream).await;
        sleep(Duration::from_secs(119)).await;
    }
    let (seconds, bytes) = open_for(&mut stream).await;
    assert!((1..=1 + MOMENT).contains(&seconds) && bytes.is_empty(), "{seconds} s");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_not_finished_is_given_up_after_half_a_minute() {
    let sandbox = frozen().await;
    let mut stream = connect(&sandbox).await;
    for (bytes, before) in [(&b"G"[..], 0), (&HEALTH[..20], 1)] {
        if before == 1 {
            stream = connect(&sandbox).await;
            stream.write_all(HEALTH).await.unwrap();
            read_response(&mut stream).await;
            sleep(Duration::from_secs(100)).await;
        }
        stream.write_all(bytes).await.unwrap();
        sleep(Duration::from_secs(20)).await;
        stream.write_all(b"x").await.unwrap();
        assert_eq!(open_for(&mut stream).await, (10, Vec::new()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_refused() {
    let sandbox = frozen().await;
    let mut stream = connect(&sandbox).await;
    stream.write_all(POST).await.unwrap();
    let start = Instant::now();
    let reply = read_response(&mut stream).await;
    assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
    assert_eq!(start.elapsed().as_secs(), 30);
    assert_eq!(open_for(&mut stream).await, (0, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_body_may_be_slow_but_not_drip() {
    let sandbox = frozen().await;
    for (pieces, length, expected) in [(100, 1000, 200), (10_000, 10, 408)] {
        let mut stream = connect(&sandbox).await;
        stream.write_all(POST).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let write = async {
            for _ in 0..pieces {
                sleep(Duration::from_secs(10)).await;
                if writer.write_all(&vec![b' '; length]).await.is_err() {
                    return;
                }
            }
        };
        let read = async {
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"\r\n\r\n") {
                tokio::io::AsyncReadExt::read_buf(&mut reader, &mut bytes).await.unwrap();
                if bytes.windows(4).any(|it| it == b"\r\n\r\n") {
                    break;
                }
            }
            Reply::read(&bytes).status
        };
        let status =
            tokio::select! { status = read => status, () = async { write.await; std::future::pending().await } => 0 };
        assert_eq!(status, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_no_responses_is_cut_off() {
    let sandbox = frozen().await;
    let mut stream = connect(&sandbox).await;
    let request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    stream.write_all(&request).await.unwrap();
    sleep(Duration::from_secs(29)).await;
    assert_eq!(stream.try_write(b"").unwrap(), 0);
    sleep(Duration::from_secs(2)).await;
    let (received, _) = read_to_the_end(&mut stream).await;
    let count = received.windows(12).filter(|it| it == b"HTTP/1.1 200").count();
    assert!((1..100).contains(&count), "{count} responses");
}
