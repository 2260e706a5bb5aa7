//! A client's process: does what it is told, and says what it took.
//!
//! Told in lines, and answered in lines of numbers:
//! ```text
//! run EMAILS IN_FLIGHT CORE   →  CPU nanoseconds, nanoseconds
//! bulk EMAILS IN_FLIGHT       →  peak bytes
//! attach PATH                 →  peak bytes
//! ```

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use cakemail::{BulkOptions, NewEmail};
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
    /// Runs on so many threads, and where it likes.
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
        Kind::Http1 => obey(worker, &runtime, || Http1::new(target)),
        Kind::HyperUtil => obey(worker, &runtime, || HyperUtil::new(target)),
        Kind::Reqwest => obey(worker, &runtime, || Reqwest::new(target)),
        Kind::OurHyper => obey(worker, &runtime, || Ours::over_hyper(target)),
        Kind::OurReqwest => obey(worker, &runtime, || Ours::over_reqwest(target)),
    }
}

fn obey<S: Sender>(worker: &Worker, runtime: &Runtime, make: impl FnOnce() -> Result<S>) -> Result {
    let sender = {
        let _inside = runtime.enter();
        make()?
    };
    let mut lanes = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<_> = line.split(' ').collect();
        let answer = match words[..] {
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
                lanes = runtime.block_on(race(lanes, emails.parse()?))?;
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
            _ => return Err(format!("`{line}` is not understood").into()),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// Sends so many emails over the lanes, all at once; gives the lanes back for the next time, with their connections.
async fn race<L: Lane>(lanes: Vec<L>, emails: usize) -> Result<Vec<L>> {
    let email = Arc::new(email::receipt());
    let count = lanes.len();
    let racing: Vec<_> = lanes
        .into_iter()
        .enumerate()
        .map(|(index, lane)| {
            let share = emails / count + usize::from(index < emails % count);
            tokio::spawn(drive(lane, Arc::clone(&email), share))
        })
        .collect();
    let mut lanes = Vec::with_capacity(count);
    for lane in racing {
        lanes.push(lane.await??);
    }
    Ok(lanes)
}

async fn drive<L: Lane>(mut lane: L, email: Arc<NewEmail>, emails: usize) -> Result<L> {
    for _ in 0..emails {
        lane.send(&email).await?;
    }
    Ok(lane)
}

async fn bulk(sender: &impl Sender, emails: u64, in_flight: usize) -> Result {
    let client = sender.client().ok_or("only our client sends from a stream")?;
    let emails = stream::iter((0..emails).map(|number| (number, email::receipt())));
    let mut outcomes = pin!(client.emails().send_all(emails, BulkOptions::new().in_flight(in_flight)));
    while let Some((number, result)) = outcomes.next().await {
        result.map_err(|error| format!("email {number}: {error}"))?;
    }
    Ok(())
}

async fn attach(sender: &impl Sender, path: &Path) -> Result {
    let mut lane = sender.lane().await?;
    lane.send(&email::heavy(path)?).await
}
