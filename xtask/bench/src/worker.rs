//! The process of a client. It reads commands from stdin and prints the cost of each.
//!
//! A command and its answer are one line each:
//! ```text
//! run EMAILS IN_FLIGHT CORE   →  CPU nanoseconds, nanoseconds
//! bulk EMAILS IN_FLIGHT       →  peak bytes
//! attach PATH                 →  peak bytes
//! ```

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::pin::pin;
use std::time::Instant;

use cakemail::BulkOptions;
use futures_util::{StreamExt, stream};
use tokio::runtime::{Builder, Runtime};

use crate::clients::{Http1, HyperUtil, Kind, Lane, Ours, Reqwest, Sender, Target};
use crate::{Result, email, machine};

/// Sends emails.
#[derive(clap::Args)]
pub struct Worker {
    kind: Kind,
    #[command(flatten)]
    target: Target,
    /// Number of threads. Without it, one thread that is pinned to a core.
    #[arg(long)]
    threads: Option<usize>,
}

pub fn run(worker: &Worker) -> Result {
    let mut runtime = match worker.threads {
        None => Builder::new_current_thread(),
        Some(_) => Builder::new_multi_thread(),
    };
    let runtime = runtime.worker_threads(worker.threads.unwrap_or(1)).enable_all().build()?;
    let target = &worker.target;
    match worker.kind {
        Kind::Http1 => run_commands(worker, &runtime, || Http1::new(target)),
        Kind::HyperUtil => run_commands(worker, &runtime, || HyperUtil::new(target)),
        Kind::Reqwest => run_commands(worker, &runtime, || Reqwest::new(target)),
        Kind::OurHyper => run_commands(worker, &runtime, || Ours::over_hyper(target)),
        Kind::OurReqwest => run_commands(worker, &runtime, || Ours::over_reqwest(target)),
    }
}

fn run_commands<S: Sender>(worker: &Worker, runtime: &Runtime, connect: impl FnOnce() -> Result<S>) -> Result {
    let sender = {
        let _inside = runtime.enter();
        connect()?
    };
    let mut lanes = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<_> = line.split(' ').collect();
        let cost = match words[..] {
            ["run", emails, in_flight, core] => {
                if worker.threads.is_none() {
                    machine::pin(core.parse()?)?;
                }
                let in_flight: usize = in_flight.parse()?;
                while lanes.len() < in_flight {
                    lanes.push(runtime.block_on(sender.lane())?);
                }
                let rest = lanes.split_off(in_flight);
                let (cpu, start) = (machine::cpu()?, Instant::now());
                lanes = runtime.block_on(send_over(lanes, emails.parse()?))?;
                let time = start.elapsed();
                let cpu = machine::cpu()? - cpu;
                lanes.extend(rest);
                format!("{} {}", cpu.as_nanos(), time.as_nanos())
            }
            ["bulk", emails, in_flight] => {
                runtime.block_on(bulk(&sender, emails.parse()?, in_flight.parse()?))?;
                machine::peak()?.to_string()
            }
            ["attach", path] => {
                runtime.block_on(attach(&sender, Path::new(path)))?;
                machine::peak()?.to_string()
            }
            _ => return Err(format!("unknown command `{line}`").into()),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{cost}")?;
        out.flush()?;
    }
    Ok(())
}

/// Sends this many emails over all lanes at once; returns the lanes, which keep their connections.
async fn send_over<L: Lane>(lanes: Vec<L>, emails: usize) -> Result<Vec<L>> {
    let count = lanes.len();
    let tasks: Vec<_> = lanes
        .into_iter()
        .enumerate()
        .map(|(index, lane)| {
            let share = emails / count + usize::from(index < emails % count);
            tokio::spawn(send_all(lane, share))
        })
        .collect();
    let mut lanes = Vec::with_capacity(count);
    for task in tasks {
        lanes.push(task.await??);
    }
    Ok(lanes)
}

async fn send_all<L: Lane>(mut lane: L, emails: usize) -> Result<L> {
    for _ in 0..emails {
        lane.send(&email::receipt()).await?;
    }
    Ok(lane)
}

async fn bulk(sender: &impl Sender, emails: u64, in_flight: usize) -> Result {
    let client = sender.client().ok_or("only the cakemail client sends from a stream")?;
    let emails = stream::iter((0..emails).map(|number| (number, email::receipt())));
    let mut results = pin!(client.emails().send_all(emails, BulkOptions::new().in_flight(in_flight)));
    while let Some((number, result)) = results.next().await {
        result.map_err(|error| format!("email {number}: {error}"))?;
    }
    Ok(())
}

async fn attach(sender: &impl Sender, path: &Path) -> Result {
    let mut lane = sender.lane().await?;
    lane.send(&email::with_attachment(path)?).await
}
