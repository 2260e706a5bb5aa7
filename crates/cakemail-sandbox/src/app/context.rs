//! What all parts of a running sandbox share.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::closing::Closing;
use super::control_token::ControlToken;
use super::listener::Listener;
use super::metrics::Metrics;
use super::public_url::PublicUrl;
use super::request_body::BodyMemory;
use crate::api::document::Document;
use crate::api::request::Request;
use crate::api::resources::{self, Environment};
use crate::domain::{Bounds, Login, Profile, State, Time};
use crate::engine::clock::Clock;
use crate::engine::{CommandError, Engine, StateGuard, Topic};
use crate::faults::{FaultSet, Faults};
use crate::inspect::findings::Findings;
use crate::inspect::requests::{Requests, redacted};
use crate::inspect::{Exchange, Trace};
use crate::message;

/// How a sandbox was set up. A reset goes back to that.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) accounts: Vec<Login>,
    pub(crate) non_loopback: bool,
    /// Names that requests may be addressed to, besides those of this machine.
    pub(crate) hosts: Vec<String>,
    pub(crate) control_token: Option<ControlToken>,
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
    /// The URL that links begin with.
    pub(crate) base: PublicUrl,
    pub(crate) listener: Listener,
    pub(crate) closing: Closing,
    pub(crate) bodies: BodyMemory,
    pub(crate) config: Config,
    pub(crate) faults: Faults,
    pub(crate) requests: Requests,
    pub(crate) findings: Findings,
    pub(crate) metrics: Metrics,
}

impl App {
    pub(crate) fn new(
        document: &'static Document,
        control: &'static Document,
        config: Config,
        listener: Listener,
        base: PublicUrl,
    ) -> Self {
        let state = config.initial_state(config.clock.time());
        let engine = Arc::new(Engine::new(config.clock.clone(), config.bounds, state));
        Self {
            document,
            control,
            requests: Requests::new(&base, config.bounds.max_emails),
            findings: Findings::default(),
            metrics: Metrics::default(),
            base,
            faults: Faults::new(Arc::clone(&engine)),
            engine,
            listener,
            closing: Closing::default(),
            bodies: BodyMemory::default(),
            config,
        }
    }

    /// The state at the present time.
    pub(crate) fn state(&self) -> StateGuard<'_> {
        self.engine.state()
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.engine.clock()
    }

    pub(crate) fn profile(&self) -> Profile {
        self.state().profile.clone()
    }

    /// The name of the cookie that stands for the control token. Sandboxes on other ports of a host have other ones.
    pub(crate) fn cookie(&self) -> String {
        format!("sandbox-{}", self.listener.addr().port())
    }

    /// The surroundings of a call of the API.
    pub(crate) fn environment(&self) -> Environment<'_> {
        Environment { base: &self.base, log_lag: self.faults.lag() }
    }

    /// Records a request and its response, and checks it for mistakes of the client.
    pub(crate) fn record(&self, request: &Request<'_>, trace: &Trace<'_>, response: Option<&Response<Bytes>>) {
        if !trace.is_counted && trace.operation().is_some_and(|operation| operation.id == "submitEmail") {
            self.engine.begin().count_submission(trace.account);
        }
        let known = |word: &str| self.state().knows_secret(word);
        let recorded = self.requests.record(request, trace, response, &known);
        self.metrics.count(trace.operation(), response.map_or(0, |response| response.status().as_u16()));
        let (id, path, query) = (recorded.id, recorded.path.as_str(), recorded.query());
        let exchange = Exchange { id, document: self.document, request, trace, response, path, query };
        let found = self.findings.check(&exchange, |message| redacted(message, &known));
        self.engine.notify(if found { &[Topic::Requests, Topic::Findings] } else { &[Topic::Requests] });
    }

    /// Refuses connections for a time. Zero accepts them again at once.
    ///
    /// # Errors
    /// When that cannot be recorded, or the system does not return the port.
    pub(crate) fn refuse_connections_for(&self, time: Duration) -> io::Result<()> {
        let until = (!time.is_zero()).then(|| self.clock().time().plus(time));
        self.faults.change(|set| set.refuse_until(until)).map_err(io::Error::other)?;
        self.refuse_connections_until(until)
    }

    fn refuse_connections_until(&self, until: Option<Time>) -> io::Result<()> {
        until.map_or_else(|| self.listener.open(), |until| self.listener.close_until(until))
    }

    /// Removes all faults, opens the listener, and ends connections that a fault holds.
    ///
    /// # Errors
    /// When that cannot be recorded. Nothing was done then.
    pub(crate) fn clear_faults(&self) -> Result<(), CommandError> {
        self.faults.change(FaultSet::clear)?;
        self.restore_faults();
        Ok(())
    }

    /// The same, even when it cannot be recorded.
    pub(crate) fn clear_faults_always(&self) {
        self.faults.change_always(FaultSet::clear);
        self.restore_faults();
    }

    /// Keeps the state in a file, which the next sandbox continues with.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub(crate) fn keep_in(&self, file: &Path) -> io::Result<()> {
        self.engine.open_journal(file, |state, request| {
            if let Some(operation) = self.document.operation(&request.operation) {
                // The response was sent before the restart. A request that was refused then is refused again.
                let _ = resources::run(operation, request, self.environment(), state);
            }
        })?;
        self.take_over();
        Ok(())
    }

    /// Takes over a state that was stored.
    pub(crate) fn take_over(&self) {
        self.state().accounts.change_all(|account| account.emails.complete(message::search_text));
        self.restore_faults();
    }

    /// Replaces the state by an exported one.
    ///
    /// # Errors
    /// When the snapshot cannot be read (`InvalidData`), or the file cannot be written. Nothing was done then.
    pub(crate) fn import(&self, snapshot: impl io::BufRead) -> io::Result<()> {
        self.engine.import(snapshot)?;
        self.take_over();
        Ok(())
    }

    /// Takes over the faults of a new state.
    pub(crate) fn restore_faults(&self) {
        let until = self.faults.restore().filter(|until| *until > self.clock().time());
        // Without its port the sandbox is unreachable, which every client will report.
        let _ = self.refuse_connections_until(until);
    }

    /// Goes back to the start: the accounts of the configuration, empty, without faults. The time stays.
    ///
    /// # Errors
    /// When the file cannot be written. Nothing was done then.
    pub(crate) fn reset(&self) -> io::Result<()> {
        let now = self.state().now;
        self.engine.replace(self.config.initial_state(now))?;
        self.restore_faults();
        self.forget(None);
        Ok(())
    }

    /// The same without recording it, for when the file cannot be written.
    pub(crate) fn reset_unrecorded(&self) {
        let mut transaction = self.engine.begin();
        let initial = self.config.initial_state(transaction.now);
        transaction.replace_unrecorded(initial);
        drop(transaction);
        self.restore_faults();
        self.forget(None);
        self.engine.notify(&Topic::ALL);
    }

    /// Removes the requests and findings of an account, or all.
    pub(crate) fn forget(&self, account: Option<i64>) {
        self.requests.forget(account);
        self.findings.forget(account);
    }
}
