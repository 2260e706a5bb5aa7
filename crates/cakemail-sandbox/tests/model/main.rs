//! Compares the sandbox with a small, naive model after random sequences of requests. The feature `self-check`
//! validates every response against the document.

#![cfg(test)]

mod actions;
mod email;
mod filters;
mod http;
mod isolation;
mod lifecycle;
mod logs;
mod pages;
mod reports;
mod world;

use proptest::test_runner::{Config, RngSeed};

/// The same sequences in every run. `PROPTEST_CASES` changes their number, `PROPTEST_RNG_SEED` their seed.
fn config() -> Config {
    let given = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { given.cases } else { 16 };
    let rng_seed = if given.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { given.rng_seed };
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 400, ..given }
}

/// Runs a future on a new runtime.
fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
}
