//! Checks what reads bytes from elsewhere: responses, webhooks, filters, addresses, attachments, emails. Each target is a
//! property of any bytes, and is checked with mutated samples.

mod generated;
mod mutation;
mod targets;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::targets::{Target, all};

/// Returns a message that says what is wrong.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Longer than any case takes on a slow machine. A case that takes longer costs more than its input is worth.
const LONGEST_CASE: Duration = Duration::from_secs(5);

/// Checks properties of everything that reads bytes from elsewhere, with mutated samples.
#[derive(Parser)]
#[command(bin_name = "cargo xtask fuzz")]
struct Args {
    /// The targets to check [default: all of them].
    targets: Vec<String>,
    /// Seconds for each target.
    #[arg(long, value_name = "N", default_value_t = 10)]
    seconds: u64,
    /// Stops each target after this number of cases, if its seconds are not over.
    #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
    cases: u64,
    /// Seed of the first case. Each further case has the next one.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result {
    let targets = all()?;
    if let Some(unknown) = args.targets.iter().find(|name| !targets.iter().any(|target| target.name == **name)) {
        let names: Vec<_> = targets.iter().map(|target| target.name).collect();
        return Err(format!("there is no target `{unknown}`: {}", names.join(", ")).into());
    }
    for target in targets.iter().filter(|it| args.targets.is_empty() || args.targets.iter().any(|name| name == it.name))
    {
        fuzz(target, args)?;
    }
    Ok(())
}

/// Checks cases of a target until the time is over or one fails. Samples come first, as they are.
fn fuzz(target: &Target, args: &Args) -> Result {
    let begin = Instant::now();
    let mut cases = 0;
    for sample in &target.samples {
        check(target, sample).map_err(|error| format!("{}: {error}", target.name))?;
    }
    while cases < args.cases && begin.elapsed() < Duration::from_secs(args.seconds) {
        let seed = args.seed.wrapping_add(cases);
        let input = mutation::mutated(&target.samples, &mut fastrand::Rng::with_seed(seed));
        check(target, &input).map_err(|error| {
            format!(
                "{}: {error}\nrun it again with `cargo xtask fuzz {} --seed {seed} --cases 1`",
                target.name, target.name
            )
        })?;
        cases += 1;
    }
    println!("target={} cases={cases} seed={} failures=0", target.name, args.seed);
    Ok(())
}

/// Checks one input. A panic is a failure as well.
fn check(target: &Target, input: &[u8]) -> std::result::Result<(), String> {
    let begin = Instant::now();
    let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (target.check)(input)));
    let problem = match checked {
        Err(_) => "it panics".to_owned(),
        Ok(Err(problem)) => problem,
        Ok(Ok(())) if begin.elapsed() > LONGEST_CASE => format!("it takes {:?}", begin.elapsed()),
        Ok(Ok(())) => return Ok(()),
    };
    Err(format!("{problem}\ninput: \"{}\"", input.escape_ascii()))
}

#[cfg(test)]
mod tests {
    use super::{Args, check, fuzz};
    use crate::targets::{Target, all};

    #[test]
    fn every_target_holds_for_its_samples_and_for_a_few_mutations_of_them() {
        let args = Args { targets: Vec::new(), seconds: 60, cases: 40, seed: 1 };
        for target in all().unwrap() {
            fuzz(&target, &args).unwrap();
        }
    }

    #[test]
    fn a_property_that_does_not_hold_and_a_panic_are_failures_with_their_input() {
        let property = |input: &[u8]| match input {
            b"fine" => Ok(()),
            b"wrong" => Err("it is wrong".to_owned()),
            _ => std::panic::resume_unwind(Box::new(())),
        };
        let target = Target { name: "test", samples: Vec::new(), check: Box::new(property) };
        assert_eq!(check(&target, b"fine"), Ok(()));
        assert_eq!(check(&target, b"wrong"), Err("it is wrong\ninput: \"wrong\"".to_owned()));
        assert_eq!(check(&target, b"\xff"), Err("it panics\ninput: \"\\xff\"".to_owned()));
    }
}
