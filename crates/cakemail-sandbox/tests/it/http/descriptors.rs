//! A process that has no file descriptors left.

#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cakemail_sandbox::Sandbox;
use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::read_response;

/// Set in the process whose descriptors are limited.
const LIMITED: &str = "CAKEMAIL_SANDBOX_TEST_LIMITED";
const LIMIT: u64 = 32;
const LINE: &str = "listening on ";

/// The sandbox of the test below, in a process of its own. It does nothing unless that test starts it.
#[tokio::test]
async fn the_process_with_few_descriptors() {
    if env::var_os(LIMITED).is_none() {
        return;
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(LIMIT), maximum: Some(LIMIT) }).unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    println!("{LINE}{}", sandbox.addr());
    // Until the test ends.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    std::process::exit(0);
}

struct Limited(Child);

impl Limited {
    fn start() -> (Self, SocketAddr) {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "http::descriptors::the_process_with_few_descriptors", "--nocapture"])
            .env(LIMITED, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let addr = lines.find_map(|line| line.unwrap().split_once(LINE)?.1.parse().ok()).unwrap();
        (Self(child), addr)
    }

    /// Waits until all its threads sleep, which they never do while one of them tries again and again.
    async fn is_at_rest(&self) {
        let tasks = format!("/proc/{}/task", self.0.id());
        loop {
            let mut stats =
                fs::read_dir(&tasks).unwrap().map(|task| fs::read_to_string(task.unwrap().path().join("stat")));
            if stats.all(|stat| stat.is_ok_and(|stat| stat.rsplit(") ").next().unwrap().starts_with('S'))) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn without_file_descriptors_the_sandbox_rests_until_there_are_some() {
    let (limited, addr) = Limited::start();
    let test = async {
        let mut connections = Vec::new();
        for _ in 0..2 * LIMIT {
            let mut stream = TcpStream::connect(addr).await.unwrap();
            stream.write_all(b"GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            connections.push(stream);
        }
        assert_eq!(read_response(&mut connections[0]).await.status, 200);
        limited.is_at_rest().await;
        let mut last = connections.pop().unwrap();
        assert_eq!(last.try_read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "it is not accepted");
        drop(connections);
        assert_eq!(read_response(&mut last).await.status, 200);
    };
    timeout(Duration::from_secs(60), test).await.expect("it rests, and goes on");
}
