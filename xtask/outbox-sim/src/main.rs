//! Simulates the outbox on virtual time. Random schedules of a few workers with a server, logs that lag, crashes, freezes,
//! lost transactions and a clock that steps: one that breaks a promise is shrunk to its steps. And many workers over many
//! databases, to see the rate, the fairness and the recovery.

mod check;
mod choices;
mod ledger;
mod machine;
mod partition;
mod schedules;
mod worker;
mod world;

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};

use crate::machine::Fault;

/// Runs the outbox's state machine under random schedules.
#[derive(Parser)]
#[command(bin_name = "cargo xtask outbox-sim", args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    simulation: Option<Simulation>,
    /// How many schedules to run.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    schedules: u64,
    /// Seed of the first schedule. Each further one has the next seed.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Puts this fault into the machine or the workers, to see that it is found.
    #[arg(long, value_enum)]
    fault: Option<Fault>,
}

#[derive(Subcommand)]
enum Simulation {
    /// Simulates many workers over many databases: the rate, the fairness, and the recovery from dead workers.
    Partition(partition::Options),
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(Simulation::Partition(options)) = &args.simulation {
        partition::run(options);
        return ExitCode::SUCCESS;
    }
    let begin = Instant::now();
    match schedules::run(args.schedules, args.seed, args.fault) {
        Ok(summary) => {
            let seconds = begin.elapsed().as_secs_f64();
            println!(
                "schedules={} seed={} steps={} failures=0 seconds={seconds:.1}",
                summary.schedules, args.seed, summary.happened
            );
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{}", failure.trace.join("\n"));
            eprintln!("error: {}", failure.problem);
            eprintln!("this is the shrunk schedule of seed {}", failure.seed);
            ExitCode::FAILURE
        }
    }
}
