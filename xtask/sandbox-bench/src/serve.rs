//! The sandbox's process.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use cakemail_sandbox::Sandbox;

use crate::Result;

/// Run a sandbox until stdin is closed.
#[derive(clap::Args)]
pub struct Serve {
    /// Keep the state in this file.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// Prints the URL, and how many microseconds the start took.
pub async fn run(serve: &Serve) -> Result {
    let started = Instant::now();
    let builder = serve.data.iter().fold(Sandbox::builder(), |builder, file| builder.data(file));
    let sandbox = builder.start().await?;
    println!("{} {}", sandbox.url(), started.elapsed().as_micros());
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    sandbox.close().await;
    Ok(())
}
