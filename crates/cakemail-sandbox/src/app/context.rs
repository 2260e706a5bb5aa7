//! What all parts of a running sandbox share.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::closing::Closing;
use super::listener::Listener;
use super::request_body::BodyMemory;
use crate::api::document::Document;
use crate::api::request::Request;
use crate::api::resources::Environment;
use crate::domain::{Bounds, Login, Profile, State, Time};
use crate::engine::Engine;
use crate::engine::clock::Clock;
use crate::faults::{Faults, Preset};
use crate::inspect::findings::Findings;
use crate::inspect::requests::{Requests, redacted};
use crate::inspect::{Exchange, Trace};

/// How a sandbox was set up. A reset goes back to that.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) accounts: Vec<Login>,
    pub(crate) non_loopback: bool,
    /// Addresses besides this machine that webhooks may be called at.
    pub(crate) receivers: Vec<IpAddr>,
    /// Other sites whose pages may send requests.
    pub(crate) origins: Vec<String>,
    pub(crate) clock: Clock,
    pub(crate) profile: Profile,
    pub(crate) bounds: Bounds,
}

impl Config {
    pub(crate) fn initial_state(&self, now: Time) -> State {
        State::new(&self.accounts, self.profile.clone(), now, self.bounds)
    }
}

pub(crate) struct App {
    /// The document of the API.
    pub(crate) document: &'static Document,
    /// The document of the control API.
    pub(crate) control: &'static Document,
    pub(crate) engine: Arc<Engine>,
    /// The base URL.
    pub(crate) base: String,
    pub(crate) listener: Listener,
    pub(crate) closing: Closing,
    pub(crate) bodies: BodyMemory,
    pub(crate) config: Config,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) findings: Findings,
}

impl App {
    pub(crate) fn new(
        document: &'static Document,
        control: &'static Document,
        config: Config,
        listener: Listener,
    ) -> Self {
        let base = format!("http://{}", listener.addr());
        let state = config.initial_state(config.clock.time());
        Self {
            document,
            control,
            engine: Arc::new(Engine::new(config.clock.clone(), config.bounds, state)),
            requests: Requests::new(&base, config.bounds.max_emails),
            findings: Findings::default(),
            base,
            faults: Faults::default(),
            listener,
            closing: Closing::default(),
            bodies: BodyMemory::default(),
            config,
        }
    }

    /// The state at the present time.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.engine.state()
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.engine.clock()
    }

    pub(crate) fn profile(&self) -> Profile {
        self.state().profile.clone()
    }

    /// The surroundings of a call of the API.
    pub(crate) fn environment(&self) -> Environment<'_> {
        Environment { base: &self.base, log_lag: self.faults.lag() }
    }

    /// Records a request and its response, and checks it for mistakes of the client.
    pub(crate) fn record(&self, request: &Request<'_>, trace: &Trace<'_>, response: Option<&Response<Bytes>>) {
        if trace.operation().is_some_and(|operation| operation.id == "submitEmail") {
            self.state().count_submission(trace.account);
        }
        let known = |word: &str| self.state().knows_secret(word);
        let recorded = self.requests.record(request, trace, response, &known);
        let (id, path, query) = (recorded.id, recorded.path.as_str(), recorded.query());
        let exchange = Exchange { id, document: self.document, request, trace, response, path, query };
        self.findings.check(&exchange, |message| redacted(message, &known));
        self.engine.notify();
    }

    /// Sets the limit and the faults of a preset.
    pub(crate) fn set_preset(&self, preset: Preset, seed: u64) {
        if let Some(limit) = preset.limit() {
            self.faults.set_limit(limit, self.clock().time());
        }
        for fault in preset.faults(seed) {
            self.faults.add(fault);
        }
    }

    /// Refuses connections for a time. Zero accepts them again at once.
    pub(crate) fn refuse_connections_for(&self, time: Duration) -> io::Result<()> {
        if time.is_zero() { self.listener.open() } else { self.listener.close_until(self.clock().time().plus(time)) }
    }

    pub(crate) fn clear_faults(&self) {
        self.faults.clear();
        // Without its port the sandbox is unreachable, which every client will report.
        let _ = self.listener.open();
    }

    /// Goes back to the start: the accounts of the configuration, empty, without faults. The time stays.
    ///
    /// # Errors
    /// When the file cannot be written. Nothing was done then.
    pub(crate) fn reset(&self) -> io::Result<()> {
        let now = self.state().now;
        self.engine.replace(self.config.initial_state(now))?;
        self.clear_faults();
        self.forget(None);
        Ok(())
    }

    /// The same without recording it, for when the file cannot be written.
    pub(crate) fn reset_unrecorded(&self) {
        let mut state = self.state();
        *state = self.config.initial_state(state.now);
        drop(state);
        self.clear_faults();
        self.forget(None);
        self.engine.notify();
    }

    /// Removes the requests and findings of an account, or all.
    pub(crate) fn forget(&self, account: Option<i64>) {
        self.requests.forget(account);
        self.findings.forget(account);
    }
}
