//! The cost of each request at each number of stored emails.

use std::time::Duration;

use crate::client::Client;
use crate::fill::{Ids, fill};
use crate::process::Process;
use crate::{Result, requests};

/// How often each request is made.
const ROUNDS: usize = 31;

/// The figures of one number of stored emails.
pub struct Point {
    pub emails: usize,
    /// The median of each request, by name.
    pub requests: Vec<(&'static str, Duration)>,
    /// The median of the last thousand submissions.
    pub submit: Duration,
    pub resident: u64,
    /// The peak of memory during an export.
    pub export_peak: u64,
    pub export: Duration,
    pub export_bytes: usize,
}

pub struct Curves {
    pub points: Vec<Point>,
    /// The start with the file of the last point, after the process was killed.
    pub start: Duration,
}

/// Fills one sandbox step by step.
pub async fn measure(sizes: &[usize]) -> Result<Curves> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("state.jsonl");
    let process = Process::start(Some(&file))?;
    let mut client = Client::connect(&process.url).await?;
    let ids = Ids::create(&mut client).await?;
    let (mut stored, mut points) = (0, Vec::new());
    for emails in sizes.iter().copied() {
        let times = fill(&mut client, &ids, stored, emails).await?;
        stored = emails;
        let submit = median(times[times.len().saturating_sub(1000)..].to_vec());
        let mut figures = Vec::new();
        for (name, path) in requests::all(&ids, emails) {
            figures.push((name, repeated(&mut client, &path).await?));
        }
        let resident = process.resident()?;
        process.reset_peak()?;
        let (export_bytes, export) = client.drain("/_sandbox/export").await?;
        let export_peak = process.peak()?;
        points.push(Point { emails, requests: figures, submit, resident, export_peak, export, export_bytes });
    }
    drop(process);
    let start = Process::start(Some(&file))?.start;
    Ok(Curves { points, start })
}

async fn repeated(client: &mut Client, path: &str) -> Result<Duration> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        times.push(client.get(path).await?.1);
    }
    Ok(median(times))
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
