//! The cost of the sandbox's requests at 1,000, 10,000 and 100,000 stored emails.
//!
//! The sandbox is a process of its own. One connection asks it, one request at a time, so a figure is the time from the
//! first byte of a request to the last byte of its response, client included.

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod client;
mod curves;
mod fill;
mod goals;
mod process;
mod requests;
mod serve;
mod waiters;

/// Returns a message that says what is wrong.
type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the sandbox's requests as more emails are stored, and fails when a goal is missed.
#[derive(Parser)]
#[command(bin_name = "cargo xtask sandbox-bench", args_conflicts_with_subcommands = true)]
struct Bench {
    /// The numbers of stored emails, ascending.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000])]
    emails: Vec<usize>,
    #[command(subcommand)]
    role: Option<Role>,
}

/// The role of this process. Without one it measures.
#[derive(Subcommand)]
enum Role {
    #[command(hide = true)]
    Serve(serve::Serve),
}

fn main() -> ExitCode {
    let bench = Bench::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match &bench.role {
                Some(Role::Serve(serve)) => serve::run(serve).await.map(|()| true),
                None => measure(&bench.emails).await,
            }
        })
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints all figures. Returns whether every goal was met.
async fn measure(sizes: &[usize]) -> Result<bool> {
    let curves = curves::measure(sizes).await?;
    let waiting = waiters::measure().await?;
    Ok(goals::print(&curves, &waiting))
}
