//! What sandboxes cost: starts a thousand of them in this process, has each answer a request, and says how long that took
//! and how much memory. `cargo run --release -p cakemail-sandbox --example thousand [COUNT]`

use std::error::Error;
use std::time::Instant;

use cakemail_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().nth(1).map_or(Ok(1000), |count| count.parse())?;
    let one = Instant::now();
    answers(&Sandbox::start().await?).await?;
    println!("the first, with all that is made once: {:.1} ms", millis(one));

    let before = memory();
    let all = Instant::now();
    let mut sandboxes = Vec::with_capacity(count);
    for _ in 0..count {
        sandboxes.push(Sandbox::start().await?);
    }
    println!("{count} started: {:.1} ms, {:.3} ms each", millis(all), millis(all) / count as f64);
    let asked = Instant::now();
    for sandbox in &sandboxes {
        answers(sandbox).await?;
    }
    println!("each has answered: {:.1} ms more", millis(asked));
    if let (Some(before), Some(after)) = (before, memory()) {
        println!("memory: {:.1} KiB each, {:.1} MiB in all", (after - before) / count as f64, after / 1024.0);
    }
    Ok(())
}

async fn answers(sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    let mut stream = TcpStream::connect(sandbox.addr()).await?;
    stream.write_all(b"GET /_sandbox/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer.into()) }
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// What is in memory, in KiB; nothing where the system does not tell.
fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
