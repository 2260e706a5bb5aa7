//! What a run of the fleet showed.

use std::fmt;

use super::Options;

/// The measures of a run.
#[derive(Debug)]
pub struct Report {
    options: Options,
    /// Emails in each second in which they were written to the network, by partition.
    seconds: Vec<Vec<u32>>,
    /// Emails accepted by each worker, by partition.
    pub shares: Vec<Vec<u64>>,
    /// The second in which workers died.
    pub death: i64,
    pub accepted: u64,
    pub duplicates: u64,
    pub open: u64,
    /// Emails that dead workers held and of which no response was stored.
    pub in_doubt: u64,
    /// How many of them the logs had.
    pub found: u64,
    last_resolved: i64,
    /// Seconds from the death until the last email in doubt was found or queued again.
    pub recovered_after: f64,
    /// Emails per second while every partition has work.
    pub mean_rate: f64,
    pub fullest_second: f64,
    emptiest_second: f64,
    /// Seconds with less than 99 % of the rate.
    slow_seconds: usize,
}

impl Report {
    pub fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            seconds: vec![Vec::new(); options.partitions],
            shares: Vec::new(),
            death: 0,
            accepted: 0,
            duplicates: 0,
            open: 0,
            in_doubt: 0,
            found: 0,
            last_resolved: 0,
            recovered_after: 0.0,
            mean_rate: 0.0,
            fullest_second: 0.0,
            emptiest_second: 0.0,
            slow_seconds: 0,
        }
    }

    pub fn accepted_at(&mut self, partition: usize, micros: i64) {
        let second = (micros / 1_000_000) as usize;
        let seconds = &mut self.seconds[partition];
        if seconds.len() <= second {
            seconds.resize(second + 1, 0);
        }
        seconds[second] += 1;
        self.accepted += 1;
    }

    pub fn resolved(&mut self, micros: i64) {
        self.last_resolved = self.last_resolved.max(micros);
    }

    pub fn finish(&mut self) {
        self.recovered_after = self.last_resolved as f64 / 1e6 - self.death as f64;
        let busy = self.busy();
        let all = |second: usize| self.seconds.iter().map(|seconds| f64::from(seconds[second])).sum::<f64>();
        let rates: Vec<f64> = (1..busy).map(all).collect();
        self.mean_rate = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
        self.slow_seconds = rates.iter().filter(|rate| **rate < 0.99 * self.options.rate).count();
        self.fullest_second = rates.iter().copied().fold(0.0, f64::max);
        self.emptiest_second = rates.iter().copied().fold(f64::INFINITY, f64::min);
    }

    /// The number of seconds in which every partition has work.
    fn busy(&self) -> usize {
        let shortest = self.seconds.iter().map(Vec::len).min().unwrap_or_default();
        let per_second = self.options.rate / self.options.partitions as f64;
        let counts = |index: usize| self.seconds.iter().map(move |seconds| f64::from(seconds[index]));
        (1..shortest).rev().find(|index| counts(*index).all(|count| count >= 0.9 * per_second)).unwrap_or_default()
    }

    /// The lowest and the highest share of the workers of one partition that lived to the end, of their mean.
    fn worker_spread(&self) -> (f64, f64) {
        let partitions = self.options.partitions;
        let spread = self.shares.iter().enumerate().flat_map(|(partition, shares)| {
            let lives =
                |(index, share): (usize, &u64)| ((index * partitions + partition) % 3 != 2).then_some(*share as f64);
            let alive: Vec<f64> = shares.iter().enumerate().filter_map(lives).collect();
            let mean = alive.iter().sum::<f64>() / alive.len().max(1) as f64;
            alive.into_iter().map(move |share| share / mean)
        });
        spread.fold((f64::INFINITY, 0.0), |(least, most), share| (least.min(share), most.max(share)))
    }

    /// The lowest and the highest number of emails of a partition while all have work, of their mean.
    fn partition_spread(&self) -> (f64, f64) {
        let busy = self.busy();
        let totals: Vec<f64> =
            self.seconds.iter().map(|seconds| seconds.iter().take(busy).map(|count| f64::from(*count)).sum()).collect();
        let mean = totals.iter().sum::<f64>() / totals.len().max(1) as f64;
        let share = |total: &f64| total / mean;
        (totals.iter().map(share).fold(f64::INFINITY, f64::min), totals.iter().map(share).fold(0.0, f64::max))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        writeln!(
            f,
            "by={:?} partitions={} workers={} emails={} rate={} seed={}",
            options.by, options.partitions, options.workers, options.emails, options.rate, options.seed
        )?;
        writeln!(f, "accepted={} duplicates={} open={}", self.accepted, self.duplicates, self.open)?;
        writeln!(
            f,
            "rate: mean={:.0} slow_seconds={} emptiest_second={:.0} fullest_second={:.0} busy_seconds={}",
            self.mean_rate,
            self.slow_seconds,
            self.emptiest_second,
            self.fullest_second,
            self.busy()
        )?;
        let (least, most) = self.partition_spread();
        writeln!(f, "fairness of partitions: least={least:.3} most={most:.3} of the mean")?;
        let (least, most) = self.worker_spread();
        writeln!(f, "fairness of workers: least={least:.3} most={most:.3} of their partition's mean")?;
        write!(
            f,
            "a third of the workers died at {} s: in_doubt={} found={} sent_again={} recovered_after={:.0} s",
            self.death,
            self.in_doubt,
            self.found,
            self.in_doubt - self.found,
            self.recovered_after
        )
    }
}
