//! Many sends under a random mix of faults, each report checked against the ledger.

use std::fmt;
use std::time::Duration;

use cakemail::BulkOptions;
use cakemail::sandbox::{Clock, Effect, Fault, Match, Phase, RetryAfter, Sandbox};

use crate::Result;
use crate::report::Report;
use crate::test_bed::{TestBed, TransportKind, client, credentials, policy};

/// Counts of the reports, and the contradictions among them.
#[derive(Debug, Default)]
pub struct Tally {
    sends: usize,
    accepted_once: usize,
    refused: usize,
    not_sent: usize,
    unknown: usize,
    duplicates: u64,
    contradictions: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "sends={} accepted_once={} refused={} not_sent={} unknown={} duplicates={} lost={}",
            self.sends,
            self.accepted_once,
            self.refused,
            self.not_sent,
            self.unknown,
            self.duplicates,
            self.contradictions.len()
        )
    }
}

impl Tally {
    /// Fails when an email was accepted twice, a report contradicts the ledger, or a send has no report.
    pub fn verdict(&self) -> std::result::Result<(), String> {
        let accounted = self.accepted_once + self.refused + self.not_sent + self.unknown;
        if self.duplicates > 0 || !self.contradictions.is_empty() || accounted != self.sends {
            let examples: Vec<_> = self.contradictions.iter().take(10).map(String::as_str).collect();
            return Err(format!(
                "{} duplicates, {accounted} of {} sends reported; {}",
                self.duplicates,
                self.sends,
                examples.join("; ")
            ));
        }
        Ok(())
    }

    fn record(&mut self, report: Report) {
        self.sends += 1;
        *match report {
            Report::Accepted => &mut self.accepted_once,
            Report::Refused => &mut self.refused,
            Report::NotSent => &mut self.not_sent,
            Report::Unknown => &mut self.unknown,
        } += 1;
    }
}

/// Sends to one sandbox. Each batch has a new one, which keeps its logs short.
const BATCH: usize = 1_000;
const IN_FLIGHT: usize = 64;

/// Each fault with its probability in percent, for any request.
fn faults(seed: u64) -> Vec<Fault> {
    let mix = [
        (Phase::Accept, Effect::Reset, 1.0),
        (Phase::Handler, Effect::Reset, 1.0),
        (Phase::Handler, Effect::Close, 1.0),
        (Phase::Handler, Effect::Garbage, 0.5),
        (Phase::Handler, Effect::Stall, 0.2),
        (Phase::Handler, Effect::BadGateway, 1.0),
        (Phase::Handler, Effect::Status(503), 1.0),
        (Phase::Handler, Effect::Status(408), 0.5),
        (Phase::Handler, Effect::Status(400), 0.5),
        (Phase::Handler, Effect::TooManyRequests(RetryAfter::Absent), 0.5),
        (Phase::Handler, Effect::ExpireToken, 1.0),
        (Phase::Handler, Effect::SpendRefreshTokens, 0.5),
        (Phase::Committed, Effect::Reset, 1.0),
        (Phase::Committed, Effect::Close, 1.0),
        (Phase::Committed, Effect::Stall, 0.2),
        (Phase::Committed, Effect::Garbage, 0.5),
        (Phase::Committed, Effect::NotJson, 0.5),
        (Phase::Committed, Effect::Status(500), 1.0),
        (Phase::Answering, Effect::Truncate, 1.0),
    ];
    let fault = |(number, (phase, effect, percent))| {
        let matching = Match::any().probability(percent / 100.0, seed.wrapping_mul(31).wrapping_add(number));
        Fault::on(matching).at(phase).effect(effect)
    };
    (0..).zip(mix).map(fault).collect()
}

/// Makes this many sends over each transport, half of them with a key.
pub async fn run(sends: usize, seed: u64) -> Result<Tally> {
    let mut tally = Tally::default();
    for transport in TransportKind::ALL {
        let before = tally.sends;
        for batch in 0..sends.div_ceil(BATCH) {
            let size = BATCH.min(sends - batch * BATCH);
            let seed = seed.wrapping_add(batch as u64);
            run_batch(&mut tally, transport, size, seed, batch % 2 == 1).await?;
        }
        eprintln!("{transport:?}: {} sends", tally.sends - before);
    }
    Ok(tally)
}

async fn run_batch(tally: &mut Tally, transport: TransportKind, size: usize, seed: u64, keyed: bool) -> Result {
    let sandbox = Sandbox::builder().clock(Clock::real()).start().await?;
    let client = client(&sandbox, transport, credentials(&sandbox))?;
    let bed = TestBed::new(&client, &sandbox).await?;
    for fault in faults(seed) {
        sandbox.fault(fault);
    }
    let emails: Vec<_> =
        (0..size).map(|number| format!("r{number}@example.org")).map(|to| (to.clone(), bed.email(&to))).collect();
    let options = if keyed { BulkOptions::new().reconcile(policy()) } else { BulkOptions::new() };
    let mut results = client.emails().send_all(futures_util::stream::iter(emails), options.in_flight(IN_FLIGHT));
    let mut reports = Vec::with_capacity(size);
    while let Some((recipient, result)) = results.next().await {
        if reports.len() % (BATCH / 4) == BATCH / 8 {
            sandbox.refuse_connections_for(Duration::from_millis(200))?;
        }
        reports.push((recipient, Report::of(&result)));
    }
    sandbox.clear_faults();
    let ledger = sandbox.ledger();
    tally.duplicates += ledger.duplicate_count();
    for (recipient, report) in reports {
        tally.record(report);
        tally.contradictions.extend(report.contradiction(&ledger, &recipient));
    }
    Ok(())
}
