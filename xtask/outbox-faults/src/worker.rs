//! A worker's process.

use std::sync::Arc;
use std::time::Duration;

use cakemail::transport::{BootClock, Settings};
use cakemail::{Client, Credentials, HyperTransport};
use cakemail_outbox::state::{Event, Remote, Rules};
use cakemail_outbox::{Completion, Ledger, Outbox, Tick};

use crate::ledger::TrappedLedger;
use crate::load::Load;
use crate::place::Place;
use crate::processes::stdin_closed;
use crate::times::{self, ATTEMPT_TIMEOUT};
use crate::transport::TrappedTransport;
use crate::traps::{Action, Point, Traps};
use crate::window::Windows;
use crate::{Result, Without, name};

/// Runs a worker until its standard input ends.
#[derive(Debug, Clone, clap::Args)]
pub struct Worker {
    #[arg(long)]
    pub ledger: String,
    #[arg(long)]
    pub name: String,
    #[arg(long)]
    pub api: String,
    #[arg(long)]
    pub user: String,
    #[arg(long)]
    pub password: String,
    #[arg(long, default_value_t = 16)]
    pub in_flight: usize,
    #[arg(long)]
    pub rate: Option<f64>,
    /// What the traps do.
    #[arg(long, value_enum)]
    pub traps: Option<Action>,
    /// The longest time in milliseconds until one fires.
    #[arg(long, default_value_t = 1000)]
    pub within: u64,
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    #[arg(long, value_enum)]
    pub without: Option<Without>,
    /// With logs that lag longer than the times allow.
    #[arg(long)]
    pub lagging: bool,
    /// With the usual times.
    #[arg(long)]
    pub is_measured: bool,
    /// Accepts what it claims by itself: the speed of the ledger.
    #[arg(long)]
    pub only_ledger: bool,
}

impl Worker {
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            "worker".to_owned(),
            format!("--ledger={}", self.ledger),
            format!("--name={}", self.name),
            format!("--api={}", self.api),
            format!("--user={}", self.user),
            format!("--password={}", self.password),
            format!("--in-flight={}", self.in_flight),
            format!("--within={}", self.within),
            format!("--seed={}", self.seed),
        ];
        arguments.extend(self.rate.map(|rate| format!("--rate={rate}")));
        arguments.extend(self.traps.map(|action| format!("--traps={}", name(action))));
        arguments.extend(self.without.map(|without| format!("--without={}", name(without))));
        arguments.extend(self.lagging.then(|| "--lagging".to_owned()));
        arguments.extend(self.is_measured.then(|| "--is-measured".to_owned()));
        arguments.extend(self.only_ledger.then(|| "--only-ledger".to_owned()));
        arguments
    }

    /// One whose speed is measured: without faults, and with the usual times.
    pub fn measured() -> Self {
        Self {
            ledger: String::new(),
            name: String::new(),
            api: String::new(),
            user: "user".to_owned(),
            password: "password".to_owned(),
            in_flight: 64,
            rate: None,
            traps: None,
            within: 0,
            seed: 0,
            without: None,
            lagging: false,
            is_measured: true,
            only_ledger: false,
        }
    }

    /// Prints at its end what it did.
    pub async fn run(self) -> Result {
        let windows = Arc::default();
        let traps = Arc::new(Traps::new(self.traps, Duration::from_millis(self.within), self.seed));
        let inner = Place(self.ledger.clone()).open(&self.name).await?;
        let (never_looks, load) = (self.without == Some(Without::Look), Arc::<Load>::default());
        let ledger = TrappedLedger { inner, traps: Arc::clone(&traps), never_looks, load: Arc::clone(&load) };
        let rules = if self.is_measured { Rules::default() } else { times::rules(self.lagging) };
        if self.only_ledger {
            accept_all(&ledger, u32::try_from(self.in_flight)?, &rules).await?;
        } else {
            let client = self.client(&traps, &windows)?;
            let outbox = Outbox::new(Arc::new(ledger)).rules(rules);
            let mut worker = outbox.worker(&client).in_flight(self.in_flight).clock(self.clock(traps, &windows));
            if let Some(rate) = self.rate {
                worker = worker.rate(rate);
            }
            let stats = worker.stats();
            tokio::select! {
                result = worker.run(stdin_closed()) => result?,
                () = load.watch(stats, self.in_flight) => {}
            }
        }
        println!("{load} {windows}");
        Ok(())
    }

    fn client(&self, traps: &Arc<Traps>, windows: &Arc<Windows>) -> Result<Client> {
        let mut builder = Client::builder();
        let mut settings = Settings::new().no_proxy();
        if !self.is_measured {
            settings = settings.connect_timeout(ATTEMPT_TIMEOUT);
            builder = builder.attempt_timeout(ATTEMPT_TIMEOUT);
        }
        let (inner, traps, windows) =
            (HyperTransport::with_settings(settings)?, Arc::clone(traps), Arc::clone(windows));
        let transport = TrappedTransport { inner, traps, windows };
        let credentials = Credentials::password(&self.user, self.password.as_str());
        Ok(builder.base_url(&self.api).credentials(credentials).transport(transport).build()?)
    }

    /// The clock of the gate, with a trap after each reading. Without the gate it stands still.
    fn clock(&self, traps: Arc<Traps>, windows: &Arc<Windows>) -> BootClock {
        let clock = BootClock::new();
        let stands_still = self.without == Some(Without::Gate);
        let (start, windows) = (clock.now(), Arc::clone(windows));
        BootClock::from_fn(move || {
            let now = if stands_still { start } else { clock.now() };
            windows.clock_read();
            traps.pass(Point::ClockRead);
            now
        })
    }
}

/// Claims and completes until nothing is due.
async fn accept_all(ledger: &dyn Ledger, room: u32, rules: &Rules) -> Result {
    let lock = ledger.lock().await?;
    let mut completed = Vec::new();
    loop {
        let owner = lock.owner();
        let tick = Tick { owner, completed: &completed, room, room_for_looks: room, rate: None, rules, is_told: false };
        let ticked = ledger.tick(tick).await?;
        if ticked.claimed.is_empty() {
            return Ok(());
        }
        let event = Event::Accepted(Remote::new(None));
        completed =
            ticked.claimed.into_iter().map(|it| Completion { record: it.record, event: event.clone() }).collect();
    }
}
