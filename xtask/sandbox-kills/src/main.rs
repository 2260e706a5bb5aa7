//! Kills a sandbox that keeps its state in a file, at random moments under load, and compares what it has after each
//! restart with what it confirmed: emails, time and faults. At the end the disk is full.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

mod client;
mod disk_full;
mod load;
mod model;
mod sandbox;

use model::Model;
use sandbox::{DataFile, Sandbox};

/// Returns a message that says what is wrong.
type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Kills a sandbox under load, and fails when it has lost something that it confirmed, or has something twice.
#[derive(Parser)]
#[command(bin_name = "cargo xtask sandbox-kills")]
struct Arguments {
    /// How often it is killed.
    #[arg(long, value_name = "N", default_value_t = 50)]
    kills: u64,
    /// The seed of the load and of the moments. Their order in time differs between runs.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// What is done before a kill.
#[derive(Debug, Clone, Copy)]
enum Round {
    /// Emails are submitted, the clock is moved, faults are set.
    Load,
    /// The same, with large commands, until the file is compacted.
    Compaction,
    /// The state is replaced by one that was exported before.
    Import,
    /// As `Load`, and then it is asked to stop.
    Stop,
}

#[derive(Default)]
struct Counts {
    in_compaction: u64,
    imports: u64,
    stops: u64,
    slowest_start: f64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result {
    let mut random = fastrand::Rng::with_seed(arguments.seed);
    let file = DataFile::new()?;
    let (mut model, mut counts) = (Model::default(), Counts::default());
    for kill in 0..arguments.kills {
        let round = match kill % 10 {
            3 | 6 => Round::Compaction,
            4 | 8 => Round::Import,
            9 => Round::Stop,
            _ => Round::Load,
        };
        let after = |error| format!("kill {kill} (seed {}): {error}", arguments.seed);
        play(round, &file, &mut model, &mut counts, &mut random).map_err(after)?;
    }
    let sandbox = Sandbox::start(&file)?;
    model.check(&sandbox)?;
    sandbox.stop()?;
    let refused = disk_full::check(&file, &mut model, &mut random).map_err(|error| format!("disk full: {error}"))?;
    let Counts { in_compaction, imports, stops, slowest_start } = counts;
    println!(
        "{} kills, {in_compaction} of them in a compaction, {imports} in an import, {stops} stops; {} emails confirmed, none \
         lost, none twice; time and faults kept; slowest start {slowest_start:.2} s; disk full: {refused} refused",
        arguments.kills - stops,
        model.confirmed,
    );
    Ok(())
}

/// Starts the sandbox, checks what it has, does something with it, and kills it meanwhile.
fn play(round: Round, file: &DataFile, model: &mut Model, counts: &mut Counts, random: &mut fastrand::Rng) -> Result {
    let sandbox = Sandbox::start(file)?;
    counts.slowest_start = counts.slowest_start.max(sandbox.started_in.as_secs_f64());
    model.check(&sandbox)?;
    match round {
        Round::Load => load::run(&sandbox, model, random),
        Round::Compaction => load::compact(&sandbox, file, model, random),
        Round::Import => {
            counts.imports += 1;
            load::import(&sandbox, model, random)
        }
        Round::Stop => {
            counts.stops += 1;
            load::run_and_stop(sandbox, model, random)?;
            return Ok(());
        }
    }?;
    sandbox.wait()?;
    counts.in_compaction += u64::from(file.is_being_replaced());
    Ok(())
}
