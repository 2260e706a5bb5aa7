//! The cost of sending an email: our client compared with the bare HTTP libraries beneath it, in one run.
//!
//! The server and each client are processes of this program, see `processes`. `docs/performance.md` explains the
//! figures.

use std::error::Error;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

mod clients;
mod email;
mod goals;
mod machine;
mod measure;
mod processes;
mod report;
mod sandboxes;
mod server;
mod tls;
mod worker;

/// Returns a message that says what is wrong.
type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the cost of sending an email, and fails when a goal is missed. Without an option it measures CPU time.
#[derive(Parser)]
#[command(bin_name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
struct Bench {
    #[command(flatten)]
    plan: Plan,
    #[command(subcommand)]
    role: Option<Role>,
}

/// The measurements of a run.
#[derive(Args)]
struct Plan {
    /// Measure instructions per email, with valgrind.
    #[arg(long, group = "measurement")]
    instructions: bool,
    /// Measure allocations and reallocations per email, with valgrind.
    #[arg(long, group = "measurement")]
    allocations: bool,
    /// Measure peak memory: a million emails, and one with a large attachment.
    #[arg(long, group = "measurement")]
    memory: bool,
    /// Measure throughput with 1, 8, 64 and 512 emails in flight, on all cores.
    #[arg(long, group = "measurement")]
    scale: bool,
    /// Use HTTPS.
    #[arg(long)]
    tls: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Number of rounds; a figure is their median.
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// The role of this process. Without one it runs the comparison.
#[derive(Subcommand)]
enum Role {
    Sandboxes(sandboxes::Sandboxes),
    #[command(hide = true)]
    Server(server::Server),
    #[command(hide = true)]
    Worker(worker::Worker),
}

fn main() -> ExitCode {
    let bench = Bench::parse();
    let result = match bench.role {
        Some(Role::Sandboxes(args)) => sandboxes::run(&args).map(|()| true),
        Some(Role::Server(server)) => server::run(&server).map(|()| true),
        Some(Role::Worker(worker)) => worker::run(&worker).map(|()| true),
        None => measure::all(&bench.plan).and_then(|report| report.print(bench.plan.json)),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
