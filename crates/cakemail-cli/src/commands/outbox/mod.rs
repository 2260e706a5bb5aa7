//! `cakemail outbox`: enqueues emails in a ledger, sends them, and resolves what only a person can decide.

mod decide;
mod enqueue;
mod jsonl;
mod ledger;
mod list;
mod metrics;
mod run;
mod show;
mod status;

use crate::args::{Global, Outbox, OutboxCommand};
use crate::error::CliError;
use crate::output::Output;

pub async fn run(args: Outbox, global: &Global, out: &mut Output) -> Result<(), CliError> {
    if global.sandbox {
        return Err(CliError::usage(
            "--sandbox is deleted after each command: run `cakemail sandbox`, and give its URL with --api-base",
        ));
    }
    let (ledger, creates) = (args.ledger, matches!(args.command, OutboxCommand::Enqueue(_) | OutboxCommand::Run(_)));
    let ledger = async || ledger::open(ledger, creates).await;
    match args.command {
        OutboxCommand::Enqueue(args) => {
            let input = enqueue::Input::read(*args)?; // before a missing ledger is an error
            input.enqueue(&ledger().await?, out).await
        }
        OutboxCommand::Run(args) => run::run(args, ledger().await?, global, out).await,
        OutboxCommand::Status => status::run(&ledger().await?, out).await,
        OutboxCommand::List(args) => list::run(args, &ledger().await?, out).await,
        OutboxCommand::Show { key } => show::run(&key, &ledger().await?, out).await,
        OutboxCommand::Resolve(args) => decide::resolve(args, &ledger().await?, out).await,
        OutboxCommand::Retry { keys } => decide::retry(&keys, &ledger().await?, out).await,
        OutboxCommand::Cancel { keys } => decide::cancel(&keys, &ledger().await?, out).await,
        OutboxCommand::Prune { older_than } => decide::prune(older_than, &ledger().await?, out).await,
    }
}
