//! Measures the speed of a drain and the exactness of a shared rate.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cakemail::sandbox::Sandbox;
use cakemail_outbox::Ledger;
use cakemail_postgres::Server;
use tempfile::TempDir;

use crate::api::Api;
use crate::emails::Emails;
use crate::place::Place;
use crate::processes::{Process, cpu_time};
use crate::test_bed::TestBed;
use crate::worker::Worker;
use crate::{Args, LedgerKind, Policy, Result};

/// The latency of the API.
const LATENCY: Duration = Duration::from_millis(20);
/// How many emails a worker has in flight.
const IN_FLIGHT: usize = 64;
/// Emails of one transaction.
const BATCH: usize = 1000;

/// An empty ledger.
struct Bed {
    place: Place,
    ledger: Arc<dyn Ledger>,
    _server: Option<Server>,
    _folder: TempDir,
}

impl Bed {
    async fn new(kind: LedgerKind) -> Result<Self> {
        let folder = TempDir::new()?;
        let (server, place) = match kind {
            LedgerKind::Sqlite => (None, Place(folder.path().join("outbox.db").display().to_string())),
            LedgerKind::Postgres => {
                let server = Server::start(&[])?.ok_or("PostgreSQL is not installed")?;
                let place = Place(server.database().await?);
                (Some(server), place)
            }
        };
        let ledger = place.open("run").await?;
        ledger.migrate().await?;
        Ok(Self { place, ledger, _server: server, _folder: folder })
    }

    async fn enqueue(&self, emails: &Emails, numbers: Range<usize>) -> Result {
        for from in numbers.clone().step_by(BATCH) {
            let to = numbers.end.min(from + BATCH);
            let batch = (from..to).map(|number| emails.email(number)).collect::<Result<Vec<_>>>()?;
            self.ledger.enqueue(&batch).await?;
        }
        Ok(())
    }

    fn worker(&self, api: &str) -> Worker {
        Worker { ledger: self.place.0.clone(), api: api.to_owned(), in_flight: IN_FLIGHT, ..Worker::measured() }
    }

    async fn open(&self) -> Result<u64> {
        let counts = self.ledger.counts().await?.by_state;
        Ok(["queued", "dispatching", "unknown"].iter().filter_map(|state| counts.get(state)).sum())
    }
}

fn start(worker: &Worker, workers: usize) -> Result<Vec<Process>> {
    let process = |number| {
        let name = format!("worker_{number}");
        Process::start(&name, &Worker { name: name.clone(), ..worker.clone() }.arguments())
    };
    (0..workers).map(process).collect()
}

/// Ends the workers, or waits until they end. Returns how many transactions they made.
async fn shut_down(processes: Vec<Process>) -> Result<u64> {
    let mut transactions = 0;
    for mut process in processes {
        let mut lines = process.lines()?;
        process.wait().await?;
        let line = lines.next_line().await?.ok_or("a worker did not print what it did")?;
        println!("{}: {line}", process.name);
        let count = line.split([' ', '=']).nth(1).ok_or("a worker did not print its transactions")?;
        transactions += count.parse::<u64>()?;
    }
    Ok(transactions)
}

/// Sends all emails to an API with some latency as fast as the workers can, and then completes as many without an API.
pub async fn drain(args: &Args) -> Result {
    // Timers are late by a millisecond: they count whole ones.
    let api = Api::start(LATENCY - Duration::from_millis(1)).await?;
    let bed = Bed::new(args.ledger).await?;
    let emails = Emails { sender: "1".to_owned(), list: 1, policy: Policy::Park };
    bed.enqueue(&emails, 0..args.emails).await?;
    let cpu = || cpu_time("self").unwrap_or_default();
    let (before, started) = (cpu(), Instant::now());
    let mut processes = start(&bed.worker(&api.url), args.workers)?;
    // The ledger is asked at the end only: counting takes time that the workers need.
    while api.emails() < args.emails as u64 || bed.open().await? > 0 {
        if processes.iter_mut().any(|process| process.ended().is_ok_and(|end| end.is_some())) {
            return Err("a worker ended".into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (time, own) = (started.elapsed(), cpu() - before);
    let workers = processes.iter().filter_map(Process::cpu_time).sum::<Duration>();
    let memory = processes.iter().filter_map(Process::peak_memory).max().unwrap_or_default();
    let transactions = shut_down(processes).await?;
    println!(
        "workers: emails_per_second={:.0} transactions_per_email={:.4} memory_mib={} accepted={}",
        per(args.emails, time),
        per_email(transactions, args.emails),
        memory / 1024 / 1024,
        api.emails(),
    );
    let micros = |time: Duration| time.as_micros() / args.emails as u128;
    println!(
        "cpu_us_per_email: workers={} api={}; api_latency_us={}",
        micros(workers),
        micros(own),
        micros(api.time()),
    );
    bed.enqueue(&emails, args.emails..2 * args.emails).await?;
    let started = Instant::now();
    let transactions = shut_down(start(&Worker { only_ledger: true, ..bed.worker(&api.url) }, args.workers)?).await?;
    println!(
        "ledger alone: emails_per_second={:.0} transactions_per_email={:.4}",
        per(args.emails, started.elapsed()),
        per_email(transactions, args.emails),
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn per(emails: usize, time: Duration) -> f64 {
    emails as f64 / time.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn per_email(count: u64, emails: usize) -> f64 {
    count as f64 / emails as f64
}

/// Sends at a shared rate for a time, and counts what the sandbox accepts in each window of a second.
pub async fn rate(args: &Args, rate: f64, time: Duration) -> Result {
    let sandbox = Sandbox::builder().keep(usize::MAX).memory(usize::MAX).start().await?;
    let bed = Bed::new(args.ledger).await?;
    let account = TestBed::new(&sandbox, Policy::Park);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]
    bed.enqueue(&account.emails, 0..(rate * (time.as_secs_f64() + 5.0)) as usize).await?;
    let worker = Worker { rate: Some(rate), ..bed.worker(sandbox.url()) };
    let processes = start(&account.logged_in(worker), args.workers)?;
    while sandbox.ledger().total() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(time + Duration::from_secs(1)).await;
    let ledger = sandbox.ledger();
    shut_down(processes).await?;
    let mut at: Vec<_> = ledger.rows().iter().map(|row| row.accepted_at).collect();
    at.sort();
    let first = *at.first().ok_or("no email was accepted")?;
    let before = |end| at.partition_point(|at| *at < end);
    let most = at.iter().map(|from| before(*from + Duration::from_secs(1)) - before(*from)).max().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let mean = before(first + time) as f64 / time.as_secs_f64();
    println!("emails_per_second={mean:.2} most_in_a_second={most} workers={} seconds={}", args.workers, time.as_secs());
    Ok(())
}
