//! The sandbox against a small naive model of it, by random sequences of requests: what one cannot see of the other is a
//! fault of either. Every answer is held against the document on its way (`self-check`).

#![cfg(test)]

mod days;
mod filters;
mod http;
mod isolation;
mod life;
mod lifecycle;
mod pages;
mod reports;
mod world;

use proptest::test_runner::{Config, RngSeed};

/// The same sequences in every run; `PROPTEST_CASES` makes more of them, `PROPTEST_RNG_SEED` others.
fn config() -> Config {
    let given = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { given.cases } else { 16 };
    let rng_seed = if given.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { given.rng_seed };
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 400, ..given }
}

/// Runs what is asynchronous on a runtime of its own.
fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
}
