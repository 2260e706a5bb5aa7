//! A run: enqueues emails while workers send them through faults, and compares the rows with the sandbox's ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cakemail::sandbox::{Effect, Fault, Match, Sandbox};
use cakemail_faults::proxy::{Proxy, Security};
use cakemail_outbox::Ledger;
use cakemail_postgres::Server;
use fastrand::Rng;
use tempfile::TempDir;

use crate::emails::Emails;
use crate::enqueuer::{Dies, Enqueuer, TRANSACTION};
use crate::fleet::{Faults, Fleet};
use crate::place::Place;
use crate::processes::{End, Process};
use crate::tally::{Enqueued, Tally};
use crate::test_bed::TestBed;
use crate::times::{CLOCK_STEP, LAG};
use crate::worker::Worker;
use crate::{Args, LedgerKind, Result, plan};

/// The longest time between two faults from outside, in milliseconds.
const PAUSE: u64 = 100;
/// Emails of one enqueuer.
const ENQUEUER: usize = 50;
/// Emails that a worker has in flight. A kill leaves at most twice as many to be looked up.
const IN_FLIGHT: usize = 4;
/// The time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(20);
/// A run in which no row changes for this time does not end.
const STUCK: Duration = Duration::from_secs(60);

pub struct Run<'a> {
    args: &'a Args,
    place: Place,
    emails: Emails,
    ledger: Arc<dyn Ledger>,
    sandbox: Sandbox,
    armed: Arc<AtomicBool>,
    proxy: Proxy,
    fleet: Fleet<'a>,
    rng: Rng,
    next: usize,
    /// Whether the enqueuer before may have committed more than it said.
    is_unsure: bool,
    enqueued: Enqueued,
    started: Instant,
    told: Instant,
    _folder: TempDir,
}

pub async fn run(args: &Args) -> Result {
    let server = match args.ledger {
        LedgerKind::Sqlite => None,
        LedgerKind::Postgres => Some(Server::start(&[])?.ok_or("PostgreSQL is not installed")?),
    };
    let mut run = Run::start(args, server.as_ref()).await?;
    while !run.fleet.done.reach(run.fleet.wanted) || run.next < args.emails {
        run.step().await?;
    }
    run.drain().await?;
    let memory = run.fleet.peak_memory() / 1024 / 1024;
    run.fleet.shut_down().await?;
    let tally = Tally::of(&*run.ledger, &run.sandbox.ledger(), &run.enqueued).await?;
    let Faults { kills, freezes, restarts, full_disks } = run.fleet.done;
    let (rolled_back, seconds) = (run.enqueued.rolled_back.len(), run.started.elapsed().as_secs());
    println!(
        "{tally} rolled_back={rolled_back} kills={kills} freezes={freezes} restarts={restarts} full_disks={full_disks} seconds={seconds} \
         memory_mib={memory} seed={}",
        args.seed
    );
    tally.verdict()
}

impl<'a> Run<'a> {
    async fn start(args: &'a Args, server: Option<&'a Server>) -> Result<Self> {
        let folder = TempDir::new()?;
        let place = match server {
            None => Place(folder.path().join("outbox.db").display().to_string()),
            Some(server) => Place(server.database().await?),
        };
        let ledger = place.open("run").await?;
        ledger.migrate().await?;
        let sandbox = Sandbox::builder().keep(usize::MAX).memory(usize::MAX).start().await?;
        let bed = TestBed::new(&sandbox, args.policy);
        let armed = Arc::new(AtomicBool::new(true));
        let plan = plan::mix().plan(args.seed, &armed);
        let proxy = Proxy::start(sandbox.addr(), Security::Tcp, "POST /v2/emails", plan).await?;
        proxy.set_latency(Duration::from_millis(10));
        let logs = Match::operation("getEmailAPILogs").probability(0.05, args.seed);
        sandbox.fault(Fault::on(logs).effect(Effect::Status(500)));
        if args.lagging {
            sandbox.lag_logs(LAG);
        }
        let worker = Worker {
            ledger: place.0.clone(),
            api: proxy.url.clone(),
            in_flight: IN_FLIGHT,
            within: 1000,
            without: args.without,
            lagging: args.lagging,
            is_measured: false,
            ..Worker::measured()
        };
        let wanted = Faults { kills: args.kills, freezes: args.freezes, restarts: args.restarts, full_disks: 0 };
        let fleet = Fleet::start(args.workers, bed.logged_in(worker), server, wanted, args.seed)?;
        Ok(Self {
            args,
            place,
            emails: bed.emails,
            ledger,
            sandbox,
            armed,
            proxy,
            fleet,
            rng: Rng::with_seed(!args.seed),
            next: 0,
            is_unsure: false,
            enqueued: Enqueued::default(),
            started: Instant::now(),
            told: Instant::now(),
            _folder: folder,
        })
    }

    /// The part of the faults that is done.
    fn progress(&self) -> f64 {
        let (done, wanted) = (self.fleet.done.sum(), self.fleet.wanted.sum());
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        if wanted == 0 { 1.0 } else { done as f64 / wanted as f64 }
    }

    async fn step(&mut self) -> Result {
        if self.told.elapsed() > PROGRESS {
            self.told = Instant::now();
            eprintln!("{} s: {} emails, {:?}", self.started.elapsed().as_secs(), self.next, self.fleet.done);
        }
        // There is work until the last fault.
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        if self.next < self.args.emails && self.next as f64 <= self.args.emails as f64 * (0.05 + self.progress()) {
            self.enqueue().await?;
        }
        self.fleet.watch().await?;
        self.fleet.strike().await?;
        if self.rng.u8(..100) == 0 {
            self.proxy.refuse_connections();
        }
        if self.args.ledger == LedgerKind::Sqlite && self.rng.u8(..50) == 0 {
            let longest = i64::try_from(CLOCK_STEP.as_millis())?;
            self.place.set_clock(self.rng.i64(-longest..longest))?;
        }
        let due = self.progress() * self.fleet.wanted.restarts as f64;
        if self.fleet.done.restarts < self.fleet.wanted.restarts && due >= self.fleet.done.restarts as f64 {
            self.fleet.restart().await?;
        }
        tokio::time::sleep(Duration::from_millis(self.rng.u64(..PAUSE))).await;
        Ok(())
    }

    /// Enqueues the next emails, by a process that may be killed.
    async fn enqueue(&mut self) -> Result {
        let to = self.args.emails.min(self.next + ENQUEUER);
        let dies = [None, None, Some(Dies::Inserted), Some(Dies::Committed)][self.rng.usize(..4)];
        // What may be committed already is not rolled back.
        let dies = dies.filter(|_| !self.is_unsure);
        let (from, emails) = (self.next, self.emails.clone());
        let enqueuer = Enqueuer { ledger: self.place.0.clone(), from, to, dies, emails };
        let mut process = Process::start("enqueuer", &enqueuer.arguments())?;
        let mut lines = process.lines()?;
        while let Some(line) = lines.next_line().await? {
            let committed: usize = line.parse()?;
            self.enqueued.committed.extend(self.next..committed);
            self.next = committed;
        }
        let last = self.next..self.args.emails.min(self.next + TRANSACTION);
        match (process.wait().await?, dies) {
            // What it did not commit is not in the database, and is never enqueued again.
            (End::Killed, Some(Dies::Inserted)) => {
                self.enqueued.rolled_back.extend(last.clone());
                self.next = last.end;
            }
            (End::Done, _) => self.is_unsure = false,
            // The next one enqueues again what this one may have committed.
            (End::Killed, _) => self.is_unsure = true,
            // The database is restarting, or a stopped process holds its lock.
            (End::Failed, _) if self.fleet.wanted.restarts + self.fleet.wanted.freezes > 0 => self.is_unsure = true,
            (End::Failed, _) => return Err("an enqueuer failed".into()),
        }
        Ok(())
    }

    /// Ends the faults, and waits until every email has ended or is parked.
    async fn drain(&mut self) -> Result {
        self.armed.store(false, Ordering::SeqCst);
        self.sandbox.clear_faults();
        if self.args.lagging {
            self.sandbox.lag_logs(LAG);
        }
        // What is due at any time of the clock so far.
        if self.args.ledger == LedgerKind::Sqlite {
            self.place.set_clock(i64::try_from(CLOCK_STEP.as_millis())? * 3)?;
        }
        self.fleet.calm()?;
        let (mut last, mut changed) = (Default::default(), Instant::now());
        loop {
            let counts = self.ledger.counts().await?.by_state;
            let open: u64 = ["queued", "dispatching", "unknown"].iter().filter_map(|state| counts.get(state)).sum();
            if open == 0 {
                return Ok(());
            }
            if last != counts {
                (last, changed) = (counts, Instant::now());
            } else if changed.elapsed() > STUCK {
                eprintln!("nothing changes: {last:?}");
                return Ok(());
            }
            self.fleet.watch().await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
