//! The sandbox as a library: starting, stopping, inspecting.

use std::net::SocketAddr;

use cakemail_sandbox::{DEFAULT_EMAIL, DEFAULT_PASSWORD, Sandbox, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{User, frozen};

#[tokio::test]
async fn other_addresses_than_loopback_must_be_allowed() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let error = Sandbox::builder().listen(everywhere).start().await.unwrap_err();
    assert!(matches!(error, StartError::NotLoopback(addr) if addr == everywhere));
    assert!(error.to_string().contains("allow_non_loopback"), "{error}");
    let open = Sandbox::builder().listen(everywhere).allow_non_loopback().start().await.unwrap();
    assert_ne!(open.addr().port(), 0);
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let first = Sandbox::start().await.unwrap();
    let error = Sandbox::builder().listen(first.addr()).start().await.unwrap_err();
    assert!(matches!(error, StartError::Listen { addr, .. } if addr == first.addr()), "{error}");
}

#[tokio::test]
async fn closing_frees_the_port_and_cuts_connections() {
    let sandbox = Sandbox::start().await.unwrap();
    let (addr, url) = (sandbox.addr(), sandbox.url().to_owned());
    assert_eq!(url, format!("http://{addr}"));
    let open = TcpStream::connect(addr).await.unwrap();
    sandbox.close().await;
    assert!(TcpStream::connect(addr).await.is_err());
    open.readable().await.unwrap();
    assert!(!matches!(open.try_read(&mut [0; 1]), Ok(1..)), "the connection is at its end");
}

#[tokio::test]
async fn dropping_stops_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let addr = sandbox.addr();
    drop(sandbox);
    // The runtime drops the listener on its next turn.
    while TcpStream::connect(addr).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sandboxes_run_in_parallel_on_several_threads() {
    let mut sandboxes = Vec::new();
    for _ in 0..50 {
        sandboxes.push(Sandbox::start().await.unwrap());
    }
    for sandbox in &sandboxes {
        assert_eq!(User::of(sandbox).await.get("/_sandbox/health").await.expect(200)["status"], "ok");
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let sandbox = frozen().await;
    let mut stream = TcpStream::connect(sandbox.addr()).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
    }
}

#[test]
fn a_sandbox_can_be_shared_by_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    fn sent<T: Send>(_: &T) {}
    shared(&Sandbox::builder());
    let start = Sandbox::start();
    sent(&start);
    drop(async { shared(&start.await.unwrap()) });
}

#[tokio::test]
async fn the_default_account() {
    let sandbox = frozen().await;
    assert_eq!((sandbox.email(), sandbox.password()), (DEFAULT_EMAIL, DEFAULT_PASSWORD));
    let user = User::of(&sandbox).await;
    assert_eq!(user.get("/users/self").await.expect(200)["data"]["email"], DEFAULT_EMAIL);
}

#[tokio::test]
async fn requests_are_stored_without_secrets() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    user.get("/lists?account_id=1").await.expect(400);
    user.get("/nowhere").await.expect(404);
    let seen: Vec<_> = sandbox.requests().into_iter().map(|it| (it.method, it.path, it.status, it.operation)).collect();
    let expected = [
        ("POST", "/token", 200, Some("createToken")),
        ("GET", "/lists", 400, Some("listLists")),
        ("GET", "/nowhere", 404, None),
    ];
    assert_eq!(seen, expected.map(|(method, path, status, id)| (method.to_owned(), path.to_owned(), status, id)));
}

#[tokio::test]
async fn debug_output_has_no_secrets() {
    let builder = Sandbox::builder().account("a@example.com", "hunter2").mfa_code("654321");
    assert!(!format!("{builder:?}").contains("hunter2") && !format!("{builder:?}").contains("654321"));
    let sandbox = Sandbox::builder().account("a@example.com", "hunter2").start().await.unwrap();
    let user = User::of(&sandbox).await;
    user.get("/lists").await.expect(200);
    let printed = format!("{sandbox:?} {:?}", sandbox.requests());
    assert!(!printed.contains("hunter2") && !printed.contains(&user.token), "{printed}");
}

#[tokio::test]
async fn the_openapi_document_is_served() {
    let sandbox = frozen().await;
    let user = User { sandbox: &sandbox, token: String::new() };
    assert_eq!(user.get("/openapi.json").await.expect(200)["openapi"], "3.1.0");
}
