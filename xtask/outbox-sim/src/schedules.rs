//! Runs many schedules, and shrinks one that fails.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::choices::{Choices, shrink};
use crate::machine::{Fault, Machine};
use crate::world::{Finished, World};

/// The result of many schedules.
pub struct Summary {
    pub schedules: u64,
    pub happened: u64,
}

/// A schedule that broke a promise.
#[derive(Debug)]
pub struct Failure {
    pub seed: u64,
    pub problem: String,
    pub trace: Vec<String>,
}

/// Runs the schedules of these seeds on all cores.
///
/// # Errors
/// The first failure, shrunk.
pub fn run(schedules: u64, seed: u64, fault: Option<Fault>) -> Result<Summary, Failure> {
    let (next, happened, failed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(u64::MAX));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= schedules.min(failed.load(Ordering::Relaxed)) {
                        break;
                    }
                    let finished = schedule(fault, Choices::seeded(seed.wrapping_add(index)), false);
                    happened.fetch_add(finished.happened as u64, Ordering::Relaxed);
                    if finished.problem.is_some() {
                        failed.fetch_min(index, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    match failed.into_inner() {
        u64::MAX => Ok(Summary { schedules, happened: happened.into_inner() }),
        index => Err(shrunk(seed.wrapping_add(index), fault)),
    }
}

fn schedule(fault: Option<Fault>, choices: Choices, is_traced: bool) -> Finished {
    World::new(Machine::new(fault), choices, is_traced).run()
}

fn shrunk(seed: u64, fault: Option<Fault>) -> Failure {
    let choices = schedule(fault, Choices::seeded(seed), false).choices;
    let fails = |choices: &[u32]| schedule(fault, Choices::replayed(choices.to_vec()), false).problem.is_some();
    let finished = schedule(fault, Choices::replayed(shrink(choices, fails)), true);
    let problem = finished.problem.unwrap_or_default();
    Failure { seed, problem, trace: finished.trace.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{run, schedule};
    use crate::choices::Choices;
    use crate::machine::Fault;

    #[test]
    fn no_schedule_breaks_a_promise() {
        run(20_000, 1, None).map_err(|failure| format!("{failure:#?}")).unwrap();
    }

    #[test]
    fn without_trouble_every_email_is_accepted_at_once() {
        let finished = schedule(None, Choices::replayed(Vec::new()), true);
        assert_eq!(finished.problem, None);
        let trace = finished.trace.unwrap().join("\n");
        assert!(trace.ends_with("(epoch 1): accepted"), "{trace}");
    }

    #[test]
    fn each_deliberate_fault_is_found_and_shrunk_to_a_few_steps() {
        for fault in Fault::value_variants() {
            let failure = run(1_000_000, 1, Some(*fault)).err().unwrap_or_else(|| panic!("{fault:?} is not found"));
            assert!(failure.trace.len() < 100, "{fault:?}: {failure:#?}");
        }
    }
}
