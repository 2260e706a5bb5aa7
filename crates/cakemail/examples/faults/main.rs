//! The proof that no send is silently duplicated, and none silently lost: every fault of the sandbox, over both
//! transports, with and without a key; then many sends under a random mix. `cargo xtask faults` runs it.

mod mix;
mod pace;
mod table;
mod trial;

use std::process::ExitCode;

/// Where the table stands.
const DOCUMENT: &str = "docs/reliability.md";

struct Args {
    sends: usize,
    seed: u64,
    /// Writes the table into the document, in place of comparing the two.
    write: bool,
    /// Shows how a rate limit is found and followed, in place of all else: a minute of real time.
    pace: bool,
}

fn args() -> Result<Args, String> {
    let mut args = Args { sends: 10_000, seed: 1, write: false, pace: false };
    let mut given = std::env::args().skip(1);
    while let Some(arg) = given.next() {
        let mut number = || given.next().and_then(|it| it.parse::<u64>().ok()).ok_or(format!("{arg} takes a number"));
        match arg.as_str() {
            "--sends" => args.sends = usize::try_from(number()?).map_err(|_| "--sends is too large")?,
            "--seed" => args.seed = number()?,
            "--write" => args.write = true,
            "--pace" => args.pace = true,
            _ => return Err(format!("{arg} is not known; usage: [--sends N] [--seed S] [--write] [--pace]")),
        }
    }
    Ok(args)
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> trial::Anyhow {
    let args = args()?;
    if args.pace {
        return pace::run().await;
    }
    let table = table::run().await?;
    println!("{table}");
    hold_document(&table, args.write)?;
    let tally = mix::run(args.sends, args.seed).await?;
    println!("{tally}");
    tally.verdict().map_err(Into::into)
}

/// Compares the table with the one in the document, or writes it there.
fn hold_document(table: &str, write: bool) -> trial::Anyhow {
    const MARKS: [&str; 2] = ["<!-- faults -->\n", "<!-- end of faults -->\n"];
    let text = std::fs::read_to_string(DOCUMENT).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let parts = text.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?)));
    let Some((before, (found, after))) = parts else {
        return Err(format!("{DOCUMENT} has no place for the table").into());
    };
    if write {
        std::fs::write(DOCUMENT, format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1]))?;
    } else if found != table {
        return Err(format!("the table in {DOCUMENT} is not this one: run `cargo xtask faults --write`").into());
    }
    Ok(())
}
