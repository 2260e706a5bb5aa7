//! The effects on the connection.

use std::time::Duration;

use cakemail_sandbox::{Effect, Fault, Match, Phase};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{content_length_and_body, submission_bytes, submission_fault};
use crate::support::{User, connect, ending, frozen, is_reset, read_to_the_end};

#[tokio::test]
async fn reset_resets_the_connection_in_every_phase() {
    for phase in [Phase::Accept, Phase::Handler, Phase::Committed, Phase::Answering] {
        let sandbox = frozen().await;
        let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
        let fault = sandbox.fault(submission_fault(phase, Effect::Reset));
        let (bytes, end) = ending(&sandbox, &request).await;
        assert!(is_reset(&end), "{phase:?}: {end:?}");
        assert_eq!(fault.hits(), 1);
        if phase != Phase::Answering {
            assert!(bytes.is_empty(), "{phase:?}: {bytes:?}");
        }
    }
}

#[tokio::test]
async fn close_closes_the_connection_in_every_phase() {
    for phase in [Phase::Accept, Phase::Handler, Phase::Committed] {
        let sandbox = frozen().await;
        let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
        sandbox.fault(submission_fault(phase, Effect::Close));
        let (bytes, end) = ending(&sandbox, &request).await;
        assert!(end.is_ok() && bytes.is_empty(), "{phase:?}: {end:?} after {bytes:?}");
    }
}

#[tokio::test]
async fn a_truncated_body_has_fewer_bytes_than_promised() {
    for fault in [submission_fault(Phase::Handler, Effect::Truncate), submission_fault(Phase::Answering, Effect::Close)]
    {
        let sandbox = frozen().await;
        let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
        sandbox.fault(fault);
        let (bytes, end) = ending(&sandbox, &request).await;
        end.unwrap();
        assert!(bytes.starts_with(b"HTTP/1.1 201 Created\r\n"), "{}", String::from_utf8_lossy(&bytes));
        let (length, body) = content_length_and_body(&bytes);
        assert_eq!(body.len(), length / 2);
        assert!(body.starts_with(b"{\"data\":"), "it is the start of the complete body");
    }
}

#[tokio::test]
async fn garbage_is_not_http() {
    let sandbox = frozen().await;
    let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
    sandbox.fault(submission_fault(Phase::Handler, Effect::Garbage));
    let (bytes, end) = ending(&sandbox, &request).await;
    end.unwrap();
    assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP/"), "{bytes:?}");
}

#[tokio::test]
async fn stall_sends_nothing_until_the_client_disconnects() {
    for phase in [Phase::Accept, Phase::Handler, Phase::Committed, Phase::Answering] {
        let sandbox = frozen().await;
        let user = User::of(&sandbox).await;
        let request = submission_bytes(&user, "a@example.com").await;
        let fault = sandbox.fault(submission_fault(phase, Effect::Stall));
        let mut stream = connect(&sandbox).await;
        stream.write_all(&request).await.unwrap();
        let mut head = Vec::new();
        if phase == Phase::Answering {
            while !head.windows(4).any(|it| it == b"\r\n\r\n") {
                stream.read_buf(&mut head).await.unwrap();
            }
            let (length, body) = content_length_and_body(&head);
            let missing = length / 2 - body.len();
            stream.read_exact(&mut vec![0; missing]).await.unwrap();
        }
        while fault.hits() == 0 {
            tokio::task::yield_now().await;
        }
        // Other connections are served meanwhile, and the clock has no effect.
        for _ in 0..10 {
            sandbox.clock().advance(Duration::from_secs(3600));
            user.get("/_sandbox/health").await.expect(200);
        }
        let nothing = stream.try_read(&mut [0; 1]).unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock, "{phase:?}");
        stream.shutdown().await.unwrap();
        let (bytes, end) = read_to_the_end(&mut stream).await;
        assert!(end.is_ok() && bytes.is_empty(), "{phase:?}: the client gave up");
    }
}

#[tokio::test]
async fn drip_sends_the_whole_response_a_byte_at_a_time() {
    let sandbox = frozen().await;
    let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
    sandbox.fault(submission_fault(Phase::Handler, Effect::Drip(Duration::from_secs(1))));
    let mut stream = connect(&sandbox).await;
    stream.write_all(&request).await.unwrap();
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut more = [0; 64];
        let count = stream.read(&mut more).await.unwrap();
        assert_eq!(count, 1, "a byte at a time");
        bytes.push(more[0]);
        assert_eq!(stream.try_read(&mut more).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        assert!(!sandbox.ledger().rows()[0].answered);
        sandbox.clock().advance(Duration::from_secs(1));
    }
    let (length, _) = content_length_and_body(&bytes);
    let mut body = vec![0; length];
    for byte in &mut body {
        *byte = stream.read_u8().await.unwrap();
        sandbox.clock().advance(Duration::from_secs(1));
    }
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["submitted"], true);
    assert!(sandbox.ledger().rows()[0].answered);
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "then it is closed");
}

#[tokio::test]
async fn endless_headers_never_end() {
    let sandbox = frozen().await;
    let request = submission_bytes(&User::of(&sandbox).await, "a@example.com").await;
    sandbox.fault(submission_fault(Phase::Handler, Effect::EndlessHeaders));
    let mut stream = connect(&sandbox).await;
    stream.write_all(&request).await.unwrap();
    let mut bytes = vec![0; 1024 * 1024];
    stream.read_exact(&mut bytes).await.unwrap();
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\nX-Endless: "));
    assert!(!bytes.windows(4).any(|it| it == b"\r\n\r\n"), "the head never ends");
}

#[tokio::test]
async fn an_idle_connection_is_closed_when_it_is_used_again() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    sandbox.fault(Fault::on(Match::any().reused()).effect(Effect::Close));
    let request = user.bytes("GET", "/lists", "", "");
    let mut stream = connect(&sandbox).await;
    stream.write_all(&request).await.unwrap();
    let mut first = Vec::new();
    while !first.windows(4).any(|it| it == b"\r\n\r\n")
        || content_length_and_body(&first).0 > content_length_and_body(&first).1.len()
    {
        assert_ne!(stream.read_buf(&mut first).await.unwrap(), 0);
    }
    stream.write_all(&request).await.unwrap();
    let (bytes, end) = read_to_the_end(&mut stream).await;
    assert!(end.is_ok() && bytes.is_empty(), "{end:?} after {bytes:?}");
    user.get("/lists").await.expect(200);
}

#[tokio::test]
async fn the_listener_refuses_connections_for_a_time() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let refused = || async {
        let error = tokio::net::TcpStream::connect(sandbox.addr()).await.err();
        error.is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
    };
    sandbox.refuse_connections_for(Duration::from_secs(10)).unwrap();
    assert!(refused().await);
    sandbox.refuse_connections_for(Duration::ZERO).unwrap();
    user.get("/lists").await.expect(200);

    sandbox.refuse_connections_for(Duration::from_secs(10)).unwrap();
    sandbox.clock().advance(Duration::from_millis(9_999));
    assert!(refused().await);
    sandbox.clock().advance(Duration::from_millis(1));
    // The server opens it on its next turn.
    while refused().await {
        tokio::task::yield_now().await;
    }
    user.get("/lists").await.expect(200);

    sandbox.refuse_connections_for(Duration::MAX).unwrap();
    assert!(refused().await);
    sandbox.clear_faults();
    user.get("/lists").await.expect(200);
    let addr = sandbox.addr();
    sandbox.refuse_connections_for(Duration::MAX).unwrap();
    sandbox.close().await;
    cakemail_sandbox::Sandbox::builder().listen(addr).start().await.expect("the port is free");
}
