//! Many workers over many databases, on virtual time: whether the rate is held, who gets how much of it, and what happens
//! when a third of the workers dies.

mod fleet;
mod report;

use clap::{Args, ValueEnum};

use fleet::Fleet;

/// How the emails are distributed to databases, each of which has its own workers and its own share of the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Each database has one account, with that account's rate. Accounts have different numbers of emails.
    Account,
    /// One account's emails are distributed by a hash of their key. Each database has an equal share of its rate.
    Key,
}

/// Simulates many workers over many databases.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// How the emails are distributed.
    #[arg(long, value_enum, default_value = "key")]
    pub by: By,
    /// The number of databases.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub partitions: usize,
    /// The number of workers, distributed evenly.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub workers: usize,
    /// The number of emails that wait at the start.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    pub emails: u64,
    /// Emails per second of all databases together.
    #[arg(long, value_name = "N", default_value_t = 20_000.0)]
    pub rate: f64,
    /// Seed of the latencies and of the distribution.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,
}

/// Runs it and prints the report.
pub fn run(options: &Options) {
    println!("{}", Fleet::new(options).run());
}

#[cfg(test)]
mod tests {
    use super::{By, Fleet, Options};

    #[test]
    fn the_rate_is_held_and_what_dead_workers_held_is_recovered() {
        for by in [By::Account, By::Key] {
            let options = Options { by, partitions: 4, workers: 12, emails: 400_000, rate: 2000.0, seed: 1 };
            let report = Fleet::new(&options).run();
            assert_eq!((report.accepted, report.duplicates, report.open), (options.emails, 0, 0), "{report}");
            assert!(report.fullest_second <= options.rate + 4.0, "{report}");
            assert!(report.mean_rate >= 0.99 * options.rate, "{report}");
            assert!(report.in_doubt > 0 && report.recovered_after < 180.0, "{report}");
        }
    }
}
