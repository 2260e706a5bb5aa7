//! The measurements.

use crate::clients::Kind;
use crate::processes::{Server, Worker, valgrind};
use crate::report::{Report, Series};
use crate::{Plan, Result, machine};

/// The measure of a figure.
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
    /// Emails per second, with this many in flight.
    Throughput(usize),
    Drop,
}

impl Measure {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequential => "CPU time per email, one at a time",
            Self::InFlight => "CPU time per email, 64 in flight",
            Self::Instructions => "instructions per email",
            Self::Allocations => "allocations and reallocations per email",
            Self::TenThousand => "peak memory of 10,000 emails",
            Self::Million => "peak memory of 1,000,000 emails",
            Self::Growth => "peak memory of 1,000,000 emails, relative to 10,000",
            Self::Attachment => "peak memory of an attachment, relative to its base64",
            Self::Throughput(1) => "throughput, 1 in flight",
            Self::Throughput(8) => "throughput, 8 in flight",
            Self::Throughput(64) => "throughput, 64 in flight",
            Self::Throughput(_) => "throughput, 512 in flight",
            Self::Drop => "best throughput, relative to 512 in flight",
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

const IN_FLIGHT: usize = 64;
const OURS: [Kind; 2] = [Kind::OurHyper, Kind::OurReqwest];

pub fn all(plan: &Plan) -> Result<Report> {
    let mut server = Server::start(plan.tls)?;
    let series = match plan {
        Plan { instructions: true, .. } => {
            let tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
            valgrind_count(&server, plan.rounds.min(3), Measure::Instructions, &tool, "Collected :")?
        }
        Plan { allocations: true, .. } => {
            let tool = ["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"];
            valgrind_count(&server, plan.rounds.min(3), Measure::Allocations, &tool, "total heap usage:")?
        }
        Plan { memory: true, .. } => memory(&mut server, plan.rounds.min(3))?,
        Plan { scale: true, .. } => scale(&mut server, plan.rounds)?,
        _ => cpu_time(&mut server, plan.rounds)?,
    };
    Ok(Report::new(plan.tls, &series))
}

/// CPU time: one at a time on the core of the server, so that no core waits for another; many in flight on another core.
fn cpu_time(server: &mut Server, rounds: u32) -> Result<Vec<Series>> {
    const EMAILS: u64 = 20_000;
    let modes = [(Measure::Sequential, 1, 0), (Measure::InFlight, IN_FLIGHT, machine::cores() - 1)];
    let mut series = empty_series(&modes.map(|(measure, ..)| measure), &Kind::ALL);
    let mut workers = Kind::ALL.map(|kind| Worker::start(server, kind, None));
    for round in 0..=rounds {
        for (mode, (_, in_flight, core)) in modes.into_iter().enumerate() {
            for (index, worker) in workers.iter_mut().enumerate() {
                let worker = worker.as_mut().map_err(|error| error.to_string())?;
                let cost = worker.run(server, EMAILS, in_flight, core)?;
                // The first round only opens connections.
                if round > 0 {
                    series[mode * Kind::ALL.len() + index].rounds.push(cost.cpu.as_secs_f64() * 1e6 / EMAILS as f64);
                }
            }
        }
    }
    Ok(series)
}

/// A count of a valgrind tool per email: the difference between a short and a long run.
fn valgrind_count(server: &Server, rounds: u32, measure: Measure, tool: &[&str], label: &str) -> Result<Vec<Series>> {
    const FEW: u64 = 200;
    const MORE: u64 = 1_200;
    let count = |kind, emails| -> Result<f64> {
        let output = valgrind(server, kind, emails, tool)?;
        let rest = output.split_once(label).ok_or_else(|| format!("the output of valgrind has no `{label}`"))?.1;
        let number = rest.split_whitespace().next().unwrap_or_default().replace(',', "");
        Ok(number.parse()?)
    };
    let mut series = empty_series(&[measure], &Kind::ALL);
    for _ in 0..rounds {
        for one in &mut series {
            one.rounds.push((count(one.client, MORE)? - count(one.client, FEW)?) / (MORE - FEW) as f64);
        }
    }
    Ok(series)
}

/// The peak memory of a new process for each case.
fn memory(server: &mut Server, rounds: u32) -> Result<Vec<Series>> {
    const MIB: f64 = 1024.0 * 1024.0;
    const ATTACHED: u64 = 10 * 1024 * 1024;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("report.pdf");
    let bytes: Vec<u8> = (0..ATTACHED).map(|index| (index * 31 % 251) as u8).collect();
    std::fs::write(&file, &bytes)?;
    let base64 = (ATTACHED.div_ceil(3) * 4) as f64;

    let measures = [Measure::TenThousand, Measure::Million, Measure::Growth, Measure::Attachment];
    let mut series = empty_series(&measures, &OURS);
    for _ in 0..rounds {
        for (index, kind) in OURS.into_iter().enumerate() {
            let few = Worker::start(server, kind, None)?.bulk(server, 10_000, IN_FLIGHT)? as f64;
            let many = Worker::start(server, kind, None)?.bulk(server, 1_000_000, IN_FLIGHT)? as f64;
            let mut worker = Worker::start(server, kind, None)?;
            let base = worker.bulk(server, 1, 1)? as f64;
            let attached = worker.attach(&file)? as f64 - base;
            for (measure, figure) in [few / MIB, many / MIB, many / few, attached / base64].into_iter().enumerate() {
                series[measure * OURS.len() + index].rounds.push(figure);
            }
        }
    }
    Ok(series)
}

/// Throughput on all cores, shared with the server.
fn scale(server: &mut Server, rounds: u32) -> Result<Vec<Series>> {
    const EMAILS: u64 = 20_000;
    const STEPS: [usize; 4] = [1, 8, 64, 512];
    const KINDS: [Kind; 4] = [Kind::HyperUtil, Kind::Reqwest, Kind::OurHyper, Kind::OurReqwest];
    let measures: Vec<_> = STEPS.into_iter().map(Measure::Throughput).chain([Measure::Drop]).collect();
    let mut series = empty_series(&measures, &KINDS);
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

/// An empty series for each measure and client, in this order.
fn empty_series(measures: &[Measure], kinds: &[Kind]) -> Vec<Series> {
    let series = |&measure: &Measure| kinds.iter().map(move |&client| Series { client, measure, rounds: Vec::new() });
    measures.iter().flat_map(series).collect()
}
