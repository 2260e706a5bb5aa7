//! The clients of a `ReqwestTransport`.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use reqwest::Client;
use tokio::runtime::{self, Handle};

use super::builder_error;
use crate::{Settings, TransportError};

/// The most runtimes whose clients are kept. The client of another one is built again when it is needed.
const MAX_RUNTIMES: usize = 8;

/// One client that the caller built, or one for each runtime.
///
/// reqwest drives a connection on the runtime that opened it. While that runtime does not run, the connection stands
/// still, so another runtime must not use it.
pub(super) enum Clients {
    Given(Client),
    PerRuntime(Box<PerRuntime>),
}

pub(super) struct PerRuntime {
    settings: Settings,
    /// `None` stands for a request that is made outside of a runtime.
    clients: Mutex<VecDeque<(Option<runtime::Id>, Client)>>,
}

impl Clients {
    /// Builds the first client, so that invalid settings are an error here.
    pub(super) fn per_runtime(settings: Settings) -> Result<Self, TransportError> {
        let clients = VecDeque::from([(current_runtime(), build(&settings)?)]);
        Ok(Self::PerRuntime(Box::new(PerRuntime { settings, clients: Mutex::new(clients) })))
    }

    /// The client of the current runtime.
    pub(super) fn current(&self) -> Result<Client, TransportError> {
        match self {
            Self::Given(client) => Ok(client.clone()),
            Self::PerRuntime(clients) => clients.current(),
        }
    }
}

impl PerRuntime {
    fn current(&self) -> Result<Client, TransportError> {
        let runtime = current_runtime();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(other, _)| *other == runtime) {
            return Ok(client.clone());
        }
        let client = build(&self.settings)?;
        clients.push_back((runtime, client.clone()));
        let oldest = if clients.len() > MAX_RUNTIMES { clients.pop_front() } else { None };
        drop(clients);
        drop(oldest); // closes its idle connections without the lock
        Ok(client)
    }
}

fn current_runtime() -> Option<runtime::Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

fn build(settings: &Settings) -> Result<Client, TransportError> {
    super::builder(settings)?.build().map_err(builder_error)
}
