//! Checks that the outbox loses no email and sends none twice: emails are enqueued and sent by processes that are killed,
//! stopped and cut off, through a network that breaks, and then each row is compared with the sandbox's ledger.

mod api;
mod emails;
mod enqueuer;
mod fleet;
mod ledger;
mod load;
mod measure;
mod place;
mod plan;
mod processes;
mod run;
mod tally;
mod test_bed;
mod times;
mod transaction;
mod transport;
mod traps;
mod window;
mod worker;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use tokio::runtime::{Builder, Runtime};

/// Returns a message that says what is wrong.
type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Checks that an outbox loses no email and sends none twice, through kills, freezes and broken connections.
#[derive(Parser)]
#[command(bin_name = "cargo xtask outbox-faults", args_conflicts_with_subcommands = true)]
struct Program {
    #[command(subcommand)]
    process: Option<Process>,
    #[command(flatten)]
    args: Args,
}

/// The other processes of a run.
#[derive(Subcommand)]
enum Process {
    #[command(hide = true)]
    Worker(worker::Worker),
    #[command(hide = true)]
    Enqueue(enqueuer::Enqueuer),
}

#[derive(clap::Args)]
struct Args {
    /// Where the rows are.
    #[arg(long, value_enum, default_value_t = LedgerKind::Sqlite)]
    ledger: LedgerKind,
    /// Emails to enqueue.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    emails: usize,
    /// Workers to kill.
    #[arg(long, value_name = "K", default_value_t = 100)]
    kills: usize,
    /// Workers to stop until their claims would have ended.
    #[arg(long, value_name = "F", default_value_t = 0)]
    freezes: usize,
    /// Crashes of PostgreSQL.
    #[arg(long, value_name = "R", default_value_t = 0)]
    restarts: usize,
    /// Seed of the random choices.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Workers at a time.
    #[arg(long, value_name = "N", default_value_t = 4)]
    workers: usize,
    /// Lets the logs lag longer than the settle time.
    #[arg(long)]
    lagging: bool,
    /// What happens to an email that may have been accepted and is not in the logs.
    #[arg(long, value_enum, default_value_t = Policy::Resend)]
    policy: Policy,
    /// Only measures how fast workers drain the ledger, with 20 ms of latency.
    #[arg(long)]
    drain: bool,
    /// Only measures how exactly workers share this rate of emails per second.
    #[arg(long, value_name = "RATE")]
    rate: Option<f64>,
    /// Leaves out a part of the outbox, to show that the run can fail.
    #[arg(long, value_enum, hide = true)]
    without: Option<Without>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LedgerKind {
    Sqlite,
    Postgres,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Policy {
    Park,
    Resend,
}

/// A part of the outbox without which emails are sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Without {
    /// The time after which nothing is written.
    Gate,
    /// The search of the logs before an email is sent again.
    Look,
}

/// The name of a value on the command line.
fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn main() -> ExitCode {
    match start(Program::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let causes = std::iter::successors(error.source(), |&cause| cause.source());
            causes.for_each(|cause| eprintln!("caused by: {cause}"));
            ExitCode::FAILURE
        }
    }
}

/// A worker needs one thread: with more, they wake each other for each email.
fn start(program: Program) -> Result {
    match program.process {
        Some(Process::Worker(worker)) => Builder::new_current_thread().enable_all().build()?.block_on(worker.run()),
        Some(Process::Enqueue(enqueuer)) => Runtime::new()?.block_on(enqueuer.run()),
        None => Runtime::new()?.block_on(run(program.args)),
    }
}

async fn run(args: Args) -> Result {
    match args.rate {
        _ if args.drain => measure::drain(&args).await,
        Some(rate) => measure::rate(&args, rate, Duration::from_secs(60)).await,
        None => run::run(&args).await,
    }
}
