//! The databases and their workers.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_outbox::state::{Event, Evidence, Remote, Rules, State, Step};
use cakemail_outbox::{OnMissing, Owner, Rate, Record, SharedRate, Time};

use super::report::Report;
use super::{By, Options};

/// Microseconds since the start.
type Micros = i64;

const SECOND: Micros = 1_000_000;
/// The most emails that a worker has in flight.
const IN_FLIGHT: usize = 64;
/// The most emails that a worker looks up in one transaction.
const LOOKS: usize = 8;
/// From the write to the response.
const LATENCY: Micros = 20_000;

/// Databases with their workers.
pub struct Fleet {
    rules: Rules,
    random: fastrand::Rng,
    partitions: Vec<Partition>,
    workers: Vec<Worker>,
    death: Micros,
    report: Report,
}

struct Partition {
    shared: SharedRate,
    rate: Rate,
    waiting: u64,
    /// What dead workers held, by the time at which it may be claimed.
    orphans: VecDeque<Orphan>,
}

struct Worker {
    partition: usize,
    is_alive: bool,
    accepted: u64,
    in_flight: BinaryHeap<Reverse<InFlight>>,
}

/// An email in flight: when its response comes, when it is written, and when it was claimed.
type InFlight = (Micros, Micros, Micros);

struct Orphan {
    record: Record,
    is_accepted: bool,
}

impl Fleet {
    pub fn new(options: &Options) -> Self {
        let mut random = fastrand::Rng::with_seed(options.seed);
        let count = options.partitions;
        let rate =
            Rate { per_second: options.rate / count as f64, horizon: Duration::from_millis(250), was_limited: false };
        let partition = |waiting| Partition { shared: SharedRate::default(), rate, waiting, orphans: VecDeque::new() };
        let worker =
            |index| Worker { partition: index % count, is_alive: true, accepted: 0, in_flight: BinaryHeap::new() };
        let seconds = options.emails as f64 / options.rate;
        Self {
            rules: Rules::default(),
            partitions: distribute(options, &mut random).into_iter().map(partition).collect(),
            workers: (0..options.workers).map(worker).collect(),
            random,
            death: (seconds / 3.0) as Micros * SECOND,
            report: Report::new(options),
        }
    }

    /// Runs until every email is accepted.
    pub fn run(mut self) -> Report {
        let mut ticks: BinaryHeap<Reverse<(Micros, usize)>> =
            (0..self.workers.len()).map(|worker| Reverse((self.random.i64(0..50_000), worker))).collect();
        while let Some(Reverse((now, worker))) = ticks.pop() {
            if now >= self.death {
                self.let_a_third_die();
            }
            if !self.workers[worker].is_alive {
                continue;
            }
            if let Some(next) = self.tick(worker, now) {
                ticks.push(Reverse((next, worker)));
            }
        }
        let of = |partition: usize| self.workers.iter().filter(move |worker| worker.partition == partition);
        self.report.shares =
            (0..self.partitions.len()).map(|index| of(index).map(|it| it.accepted).collect()).collect();
        self.report.open = self.partitions.iter().map(|it| it.waiting + it.orphans.len() as u64).sum();
        self.report.finish();
        self.report
    }

    /// Every third worker: what it held stays claimed.
    fn let_a_third_die(&mut self) {
        let death = std::mem::replace(&mut self.death, Micros::MAX);
        self.report.death = death / SECOND;
        for (index, worker) in self.workers.iter_mut().enumerate().filter(|(index, _)| index % 3 == 2) {
            worker.is_alive = false;
            for Reverse((done, written, claimed)) in std::mem::take(&mut worker.in_flight) {
                let is_accepted = written <= death;
                let is_known = done <= death;
                if is_accepted {
                    self.report.accepted_at(worker.partition, written);
                }
                if is_known {
                    worker.accepted += 1;
                    continue;
                }
                let record = claimed_record(index, claimed, &self.rules);
                self.partitions[worker.partition].orphans.push_back(Orphan { record, is_accepted });
                self.report.in_doubt += 1;
            }
        }
        for partition in &mut self.partitions {
            partition.orphans.make_contiguous().sort_by_key(|orphan| orphan.record.progress.due);
        }
    }

    /// One transaction of a worker. Returns the time of its next one, until nothing is left to do.
    fn tick(&mut self, worker: usize, now: Micros) -> Option<Micros> {
        self.look(worker, now);
        let Worker { partition: index, accepted, in_flight, .. } = &mut self.workers[worker];
        let partition = &mut self.partitions[*index];
        while let Some(Reverse((_, written, _))) = in_flight.peek().filter(|Reverse((done, ..))| *done <= now) {
            self.report.accepted_at(*index, *written);
            *accepted += 1;
            in_flight.pop();
        }
        let time = at(now);
        partition.shared.learn(&partition.rate, time);
        let room = (IN_FLIGHT - in_flight.len()).min(partition.shared.available(&partition.rate, time) as usize);
        let count = partition.waiting.min(room as u64);
        partition.waiting -= count;
        for slot in partition.shared.reserve(&partition.rate, count as usize, time) {
            let written = micros(slot).max(now);
            in_flight.push(Reverse((written + LATENCY + self.random.i64(0..LATENCY), written, now)));
        }
        if partition.waiting == 0 && partition.orphans.is_empty() && in_flight.is_empty() {
            return None;
        }
        // At once when there is room and a slot; otherwise when the first response comes.
        let next = micros(partition.shared.next(&partition.rate, time)) - partition.rate.horizon.as_micros() as Micros;
        let response = in_flight.peek().map_or(now + SECOND, |Reverse((done, ..))| *done);
        let wake = if in_flight.len() < IN_FLIGHT && partition.waiting > 0 { next.min(response) } else { response };
        Some(wake.max(now + 5_000) + self.random.i64(0..5_000))
    }

    /// Looks up what dead workers held, when it may be claimed.
    fn look(&mut self, worker: usize, now: Micros) {
        let partition = &mut self.partitions[self.workers[worker].partition];
        for _ in 0..LOOKS {
            if partition.orphans.front().is_none_or(|it| it.record.progress.due > Some(at(now))) {
                return;
            }
            let Some(mut orphan) = partition.orphans.pop_front() else { return };
            let Some(progress) = orphan.record.claim(Owner(worker as i64), &self.rules, at(now)) else { return };
            orphan.record.progress = progress;
            let event = match orphan.is_accepted {
                true => Event::Accepted(Remote::new(None)),
                false => Event::NotFound(Evidence::CaughtUp),
            };
            let epoch = orphan.record.progress.epoch;
            let Some(progress) = orphan.record.complete(epoch, &event, &self.rules, at(now)) else { return };
            orphan.record.progress = progress;
            match &orphan.record.progress.state {
                State::Queued => {
                    self.report.duplicates += u64::from(orphan.is_accepted);
                    partition.waiting += 1;
                }
                State::Unknown => {
                    let due = orphan.record.progress.due;
                    let place = partition.orphans.partition_point(|other| other.record.progress.due <= due);
                    partition.orphans.insert(place, orphan);
                    continue;
                }
                _ => self.report.found += 1,
            }
            self.report.resolved(now);
        }
    }
}

/// The record of an email that a worker claimed to submit it. It is sent again when the logs do not have it.
fn claimed_record(worker: usize, claimed: Micros, rules: &Rules) -> Record {
    #[expect(clippy::expect_used, reason = "a letter is a key")]
    let mut record = Record::new(1, IdempotencyKey::new("a").expect("a key"), at(claimed));
    record.on_missing = OnMissing::ResendAfter(rules.settle);
    if let Some(progress) = record.claim(Owner(worker as i64), rules, at(claimed)) {
        debug_assert!(matches!(progress.state, State::Dispatching { step: Step::Submit, .. }));
        record.progress = progress;
    }
    record
}

/// How many emails each database has.
fn distribute(options: &Options, random: &mut fastrand::Rng) -> Vec<u64> {
    let mut counts = vec![0; options.partitions];
    match options.by {
        By::Key => (0..options.emails).for_each(|_| counts[random.usize(..options.partitions)] += 1),
        By::Account => {
            // The largest account has three times as many as the smallest.
            let weight = |index: usize| 1.0 + 2.0 * index as f64 / (options.partitions.max(2) - 1) as f64;
            let all: f64 = (0..options.partitions).map(weight).sum();
            (0..options.partitions).for_each(|it| counts[it] = (options.emails as f64 * weight(it) / all) as u64);
            counts[0] += options.emails - counts.iter().sum::<u64>();
        }
    }
    counts
}

fn at(now: Micros) -> Time {
    Time::from_micros(1_000_000_000_000 + now)
}

fn micros(time: Time) -> Micros {
    time.as_micros() - 1_000_000_000_000
}
