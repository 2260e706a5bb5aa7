//! A batch: one sandbox, one proxy, and one process that sends, which is a runtime of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cakemail::sandbox::Sandbox;
use cakemail::{Client, Credentials, IdempotencyKey};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::calls::{Calls, Mode};
use super::plan::{mix, token_faults};
use super::tally::{Report, Tally};
use super::watchdog::{TICK, Watch};
use crate::Result;
use crate::test_bed::{TestBed, TransportKind, builder, credentials, policy};
use cakemail_faults::proxy::{Proxy, Security};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    CurrentThread,
    MultiThread,
}

/// What a batch varies.
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    pub transport: TransportKind,
    pub security: Security,
    pub flavour: Flavour,
    pub mode: Mode,
    pub size: usize,
    pub seed: u64,
}

const CONNECT_TIMEOUT: Duration = Duration::from_millis(1200);
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1500);
const DEADLINE: Duration = Duration::from_secs(6);
/// A call that runs for this time after its deadline hangs.
const GRACE: Duration = Duration::from_secs(1);
/// The reports between two moments in which connections are refused.
const REFUSED_EVERY: usize = 400;

pub async fn run(batch: Batch) -> Result<Tally> {
    let sandbox = Sandbox::builder().keep(usize::MAX).memory(usize::MAX).start().await?;
    let direct =
        builder(sandbox.url(), batch.transport, CONNECT_TIMEOUT)?.credentials(credentials(&sandbox)).build()?;
    let bed = TestBed::new(&direct, &sandbox).await?;
    let armed = Arc::new(AtomicBool::new(true));
    let proxy = Proxy::start(sandbox.addr(), batch.security, "POST /v2/emails", mix().plan(batch.seed, &armed)).await?;
    for fault in token_faults(batch.seed) {
        sandbox.fault(fault);
    }
    let keys: std::result::Result<_, _> =
        (0..batch.size).map(|number| IdempotencyKey::new(&format!("order-{number}"))).collect();
    let (reports, mut received) = unbounded_channel();
    let watch = Arc::new(Watch::new(batch.size));
    let calls = Calls { bed, mode: batch.mode, keys: keys?, seed: batch.seed, watch: Arc::clone(&watch), reports };
    let process = Process { batch, proxy: Arc::new(proxy), credentials: credentials(&sandbox) };
    let proxy = Arc::clone(&process.proxy);
    // Only the process can report, so that the channel closes with it.
    let own = Calls { reports: unbounded_channel().0, ..calls.clone() };
    let thread = std::thread::spawn(move || process.run(calls).map_err(|error| error.to_string()));
    let reported = collect(batch.size, &watch, &mut received, &proxy).await;
    if reported.iter().all(Option::is_some) {
        thread.join().map_err(|_| "the process panicked")??;
        proxy.quiet().await;
    }
    let mut tally = Tally::default();
    let ledger = sandbox.ledger();
    for (number, report) in reported.iter().enumerate() {
        let recipient = Calls::recipient(number);
        tally.record(*report, &recipient, &ledger, proxy.has_read(&recipient), batch.mode.is_resumed());
    }
    if batch.mode.is_resumed() {
        armed.store(false, Ordering::SeqCst);
        sandbox.clear_faults();
        complete(&mut tally, &own, &reported, &direct).await;
        tally.record_duplicates(&sandbox.ledger());
    }
    Ok(tally)
}

/// Collects the report of every call, or `None` for those that did not end when one hangs.
async fn collect(
    size: usize,
    watch: &Watch,
    received: &mut UnboundedReceiver<(usize, Report)>,
    proxy: &Proxy,
) -> Vec<Option<Report>> {
    let mut reports = vec![None; size];
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut count = 0;
    while count < size {
        tokio::select! {
            biased;
            _ = ticks.tick() => if watch.tick(DEADLINE + GRACE) { break },
            report = received.recv() => {
                let Some((number, report)) = report else { break };
                reports[number] = Some(report);
                count += 1;
                if count % REFUSED_EVERY == REFUSED_EVERY / 2 {
                    proxy.refuse_connections();
                }
            }
        }
    }
    reports
}

/// Sends again under its key, without faults, what was not reported as accepted.
async fn complete(tally: &mut Tally, calls: &Calls, reported: &[Option<Report>], client: &Client) {
    for (number, _) in reported.iter().enumerate().filter(|(_, report)| **report != Some(Report::Accepted)) {
        let result = client.emails().send_idempotent(&calls.email(number), &calls.keys[number], &policy()).await;
        if result.is_err() {
            tally.record_never_accepted(&Calls::recipient(number), &result);
        }
    }
}

/// The process that sends.
struct Process {
    batch: Batch,
    proxy: Arc<Proxy>,
    credentials: Credentials,
}

impl Process {
    fn run(&self, calls: Calls) -> Result {
        if self.batch.mode.is_resumed() {
            self.run_until_interrupted(calls.clone())?;
        }
        let runtime = self.runtime()?;
        runtime.block_on(async {
            self.proxy.quiet().await;
            calls.run(&self.client()?).await;
            Ok(())
        })
    }

    /// Ends in the middle, with calls in flight: like a process, their runtime ends.
    fn run_until_interrupted(&self, calls: Calls) -> Result {
        let (reports, mut received) = unbounded_channel();
        let calls = Calls { reports, ..calls };
        let runtime = self.runtime()?;
        runtime.block_on(async {
            let client = self.client()?;
            let interrupted = async {
                for _ in 0..self.batch.size / 3 {
                    received.recv().await;
                }
            };
            tokio::select! {
                () = calls.run(&client) => {}
                () = interrupted => {}
            }
            Result::Ok(())
        })?;
        drop(runtime);
        calls.watch.clear();
        Ok(())
    }

    fn runtime(&self) -> Result<Runtime> {
        let mut builder = match self.batch.flavour {
            Flavour::CurrentThread => Builder::new_current_thread(),
            Flavour::MultiThread => Builder::new_multi_thread(),
        };
        Ok(builder.worker_threads(2).enable_all().build()?)
    }

    fn client(&self) -> Result<Client> {
        let builder = builder(&self.proxy.url, self.batch.transport, CONNECT_TIMEOUT)?;
        let builder = builder.attempt_timeout(ATTEMPT_TIMEOUT).deadline(DEADLINE);
        Ok(builder.credentials(self.credentials.clone()).build()?)
    }
}
