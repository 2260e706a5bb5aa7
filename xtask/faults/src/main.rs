//! Checks that every reported outcome is true: one call for each thing that can happen, over both transports; then many
//! sends under a random mix of faults.

mod mix;
mod rate_limit;
mod table;
mod test_bed;

use std::path::Path;
use std::process::ExitCode;

use cakemail_faults::Result;
use clap::Parser;

/// The page that holds the table of faults, from the workspace's root.
const PAGE: &str = "docs/reliability.md";

/// Checks that no send is duplicated or lost: each fault over both transports, then many sends under a random mix.
#[derive(Parser)]
#[command(bin_name = "cargo xtask faults")]
struct Args {
    /// Sends under the random mix, half of them over each transport.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    sends: usize,
    /// Seed of the random mix.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Writes the table to docs/reliability.md, instead of comparing the two.
    #[arg(long)]
    write: bool,
    /// Only shows how the client finds and follows an unknown rate limit: takes 90 seconds.
    #[arg(long)]
    rate_limit: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result {
    if args.rate_limit {
        return rate_limit::run().await;
    }
    let table = table::run().await?;
    println!("{table}");
    check_page(&table, args.write)?;
    let tally = mix::run(args.sends, args.seed).await?;
    println!("{tally} seed={}", args.seed);
    tally.verdict().map_err(Into::into)
}

/// Compares the table with the one on the page, or writes it there.
fn check_page(table: &str, write: bool) -> Result {
    const MARKERS: [&str; 2] = ["<!-- faults -->\n", "<!-- end of faults -->\n"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{PAGE}: {error}"))?;
    let parts = text.split_once(MARKERS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKERS[1])?)));
    let Some((before, (current, after))) = parts else {
        return Err(format!("{PAGE} lacks the markers of the table").into());
    };
    if write {
        std::fs::write(&path, format!("{before}{}{table}{}{after}", MARKERS[0], MARKERS[1]))?;
    } else if current != table {
        return Err(format!("the table in {PAGE} is out of date: run `cargo xtask faults --write`").into());
    }
    Ok(())
}
