//! What is measured, and how.

use crate::clients::Kind;
use crate::processes::{Server, Worker, valgrind};
use crate::report::{Report, Series};
use crate::{Plan, Result, machine};

/// What a figure says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Sequential,
    InFlight,
    Instructions,
    Allocations,
    TenThousand,
    Million,
    Growth,
    Attachment,
    /// Emails in a second, with so many in flight.
    Throughput(usize),
    Drop,
}

impl Measure {
    pub fn word(self) -> &'static str {
        match self {
            Self::Sequential => "CPU time per email, one at a time",
            Self::InFlight => "CPU time per email, 64 in flight",
            Self::Instructions => "instructions per email",
            Self::Allocations => "allocations and reallocations per email",
            Self::TenThousand => "peak memory of 10,000 emails",
            Self::Million => "peak memory of 1,000,000 emails",
            Self::Growth => "peak memory of 1,000,000 to 10,000 emails",
            Self::Attachment => "peak memory of an attachment, to its base64",
            Self::Throughput(1) => "throughput, 1 in flight",
            Self::Throughput(8) => "throughput, 8 in flight",
            Self::Throughput(64) => "throughput, 64 in flight",
            Self::Throughput(_) => "throughput, 512 in flight",
            Self::Drop => "throughput at its best, to that with 512 in flight",
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Self::Sequential | Self::InFlight => "µs",
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::TenThousand | Self::Million => "MiB",
            Self::Growth | Self::Attachment | Self::Drop => "ratio",
            Self::Throughput(_) => "emails/s",
        }
    }
}

const MANY: usize = 64;
const OURS: [Kind; 2] = [Kind::OurHyper, Kind::OurReqwest];

pub fn all(plan: &Plan) -> Result<Report> {
    let mut server = Server::start(plan.tls)?;
    let series = match plan {
        Plan { instructions: true, .. } => {
            let tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
            counted(&server, plan.rounds.min(3), Measure::Instructions, &tool, "Collected :")?
        }
        Plan { allocations: true, .. } => {
            let tool = ["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"];
            counted(&server, plan.rounds.min(3), Measure::Allocations, &tool, "total heap usage:")?
        }
        Plan { memory: true, .. } => memory(&mut server, plan.rounds.min(3))?,
        Plan { scale: true, .. } => scale(&mut server, plan.rounds)?,
        _ => time(&mut server, plan.rounds)?,
    };
    Ok(Report::new(plan.tls, &series))
}

/// CPU time: one at a time on the server's own core, which then never waits for another; many at once on the other.
fn time(server: &mut Server, rounds: u32) -> Result<Vec<Series>> {
    const EMAILS: u64 = 20_000;
    let modes = [(Measure::Sequential, 1, 0), (Measure::InFlight, MANY, machine::cores() - 1)];
    let mut series = empty(&modes.map(|(measure, ..)| measure), &Kind::ALL);
    let mut workers = Kind::ALL.map(|kind| Worker::start(server, kind, None));
    for round in 0..=rounds {
        for (mode, (_, in_flight, core)) in modes.into_iter().enumerate() {
            for (index, worker) in workers.iter_mut().enumerate() {
                let worker = worker.as_mut().map_err(|error| error.to_string())?;
                let took = worker.run(server, EMAILS, in_flight, core)?;
                // The first round only makes connections.
                if round > 0 {
                    series[mode * Kind::ALL.len() + index].rounds.push(took.cpu.as_secs_f64() * 1e6 / EMAILS as f64);
                }
            }
        }
    }
    Ok(series)
}

/// What a tool of valgrind's counts, as the difference of two runs.
fn counted(server: &Server, rounds: u32, measure: Measure, tool: &[&str], label: &str) -> Result<Vec<Series>> {
    const FEW: u64 = 200;
    const MORE: u64 = 1_200;
    let count = |kind, emails| -> Result<f64> {
        let said = valgrind(server, kind, emails, tool)?;
        let rest = said.split_once(label).ok_or_else(|| format!("valgrind does not say `{label}`"))?.1;
        let number = rest.split_whitespace().next().unwrap_or_default().replace(',', "");
        Ok(number.parse()?)
    };
    let mut series = empty(&[measure], &Kind::ALL);
    for _ in 0..rounds {
        for one in &mut series {
            one.rounds.push((count(one.client, MORE)? - count(one.client, FEW)?) / (MORE - FEW) as f64);
        }
    }
    Ok(series)
}

/// The peak of a process of its own, in each case.
fn memory(server: &mut Server, rounds: u32) -> Result<Vec<Series>> {
    const MIB: f64 = 1024.0 * 1024.0;
    const ATTACHED: u64 = 10 * 1024 * 1024;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("report.pdf");
    let bytes: Vec<u8> = (0..ATTACHED).map(|index| (index * 31 % 251) as u8).collect();
    std::fs::write(&file, &bytes)?;
    let base64 = (ATTACHED.div_ceil(3) * 4) as f64;

    let measures = [Measure::TenThousand, Measure::Million, Measure::Growth, Measure::Attachment];
    let mut series = empty(&measures, &OURS);
    for _ in 0..rounds {
        for (index, kind) in OURS.into_iter().enumerate() {
            let few = Worker::start(server, kind, None)?.bulk(server, 10_000, MANY)? as f64;
            let many = Worker::start(server, kind, None)?.bulk(server, 1_000_000, MANY)? as f64;
            let mut worker = Worker::start(server, kind, None)?;
            let rest = worker.bulk(server, 1, 1)? as f64;
            let attached = worker.attach(&file)? as f64 - rest;
            for (measure, figure) in [few / MIB, many / MIB, many / few, attached / base64].into_iter().enumerate() {
                series[measure * OURS.len() + index].rounds.push(figure);
            }
        }
    }
    Ok(series)
}

/// Throughput on all cores, which the server shares.
fn scale(server: &mut Server, rounds: u32) -> Result<Vec<Series>> {
    const EMAILS: u64 = 20_000;
    const STEPS: [usize; 4] = [1, 8, 64, 512];
    const KINDS: [Kind; 4] = [Kind::HyperUtil, Kind::Reqwest, Kind::OurHyper, Kind::OurReqwest];
    let measures: Vec<_> = STEPS.into_iter().map(Measure::Throughput).chain([Measure::Drop]).collect();
    let mut series = empty(&measures, &KINDS);
    let mut workers = KINDS.map(|kind| Worker::start(server, kind, Some(machine::cores())));
    for round in 0..=rounds {
        for (index, worker) in workers.iter_mut().enumerate() {
            let worker = worker.as_mut().map_err(|error| error.to_string())?;
            let (mut best, mut last) = (0.0_f64, 0.0);
            for (step, in_flight) in STEPS.into_iter().enumerate() {
                last = EMAILS as f64 / worker.run(server, EMAILS, in_flight, 0)?.time.as_secs_f64();
                best = best.max(last);
                if round > 0 {
                    series[step * KINDS.len() + index].rounds.push(last);
                }
            }
            if round > 0 {
                series[STEPS.len() * KINDS.len() + index].rounds.push(best / last);
            }
        }
    }
    Ok(series)
}

/// A series for each measure of each client, in this order.
fn empty(measures: &[Measure], kinds: &[Kind]) -> Vec<Series> {
    let of = |measure: &Measure| {
        let measure = *measure;
        kinds.iter().map(move |kind| Series { client: *kind, measure, rounds: Vec::new() })
    };
    measures.iter().flat_map(of).collect()
}
