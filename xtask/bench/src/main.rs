//! What an email costs: our client beside the bare HTTP libraries under it, in one run.
//!
//! Server and clients are processes of their own, made from this program (see `processes`). `docs/performance.md` says
//! how to read the figures.

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

/// What everything here returns: a sentence that says what is wrong, when something is.
type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Measures what an email costs, and fails when a goal is missed. CPU time unless told otherwise.
#[derive(Parser)]
#[command(name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
struct Bench {
    #[command(flatten)]
    plan: Plan,
    #[command(subcommand)]
    role: Option<Role>,
}

/// What is measured.
#[derive(Args)]
struct Plan {
    /// Instructions per email, by valgrind.
    #[arg(long, group = "what")]
    instructions: bool,
    /// Allocations and reallocations per email, by valgrind.
    #[arg(long, group = "what")]
    allocations: bool,
    /// Peak memory: a million emails, and one with a large attachment.
    #[arg(long, group = "what")]
    memory: bool,
    /// Throughput with 1, 8, 64 and 512 in flight, on all cores.
    #[arg(long, group = "what")]
    scale: bool,
    /// Speaks https.
    #[arg(long)]
    tls: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// How many rounds are made; a figure is their median.
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
    let done = match bench.role {
        Some(Role::Sandboxes(args)) => sandboxes::run(&args).map(|()| true),
        Some(Role::Server(server)) => server::run(&server).map(|()| true),
        Some(Role::Worker(worker)) => worker::run(&worker).map(|()| true),
        None => measure::all(&bench.plan).and_then(|report| report.print(bench.plan.json)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
