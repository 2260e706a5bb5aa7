//! The cost of sandboxes: starts many in this process, has each answer a request, and prints the time and the memory.

use std::time::Instant;

use cakemail::sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Result, machine};

/// Measure the time and the memory that a sandbox takes.
#[derive(clap::Args)]
pub struct Sandboxes {
    /// Number of sandboxes.
    #[arg(default_value_t = 1000)]
    count: usize,
}

pub fn run(args: &Sandboxes) -> Result {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(args.count))
}

async fn measure(count: usize) -> Result {
    let first = Instant::now();
    get_health(&Sandbox::start().await?).await?;
    println!("the first, with what all of them share: {:.1} ms", millis(first));

    let before = machine::resident()?;
    let starts = Instant::now();
    let mut sandboxes = Vec::with_capacity(count);
    for _ in 0..count {
        sandboxes.push(Sandbox::start().await?);
    }
    println!("{count} starts: {:.1} ms, {:.3} ms each", millis(starts), millis(starts) / count as f64);
    let requests = Instant::now();
    for sandbox in &sandboxes {
        get_health(sandbox).await?;
    }
    println!("one request to each: {:.1} ms", millis(requests));
    let bytes = machine::resident()?.saturating_sub(before) as f64;
    println!("memory: {:.1} KiB each, {:.1} MiB in total", bytes / 1024.0 / count as f64, bytes / 1024.0 / 1024.0);
    Ok(())
}

async fn get_health(sandbox: &Sandbox) -> Result {
    let mut stream = TcpStream::connect(sandbox.addr()).await?;
    stream.write_all(b"GET /_sandbox/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    if response.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(response.into()) }
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
