//! How a sandbox is set up and started.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use crate::api::document;
use crate::app::context::Core;
use crate::app::listener::Door;
use crate::app::server;
use crate::domain::Time;
use crate::domain::{Bounds, State};
use crate::engine::journal::Journal;
use crate::{Clock, Profile, Sandbox};

/// The email address of the account that a sandbox has when none is named.
pub const DEFAULT_EMAIL: &str = "sandbox@example.com";

/// The password of [`DEFAULT_EMAIL`].
pub const DEFAULT_PASSWORD: &str = "sandbox-password";

/// Sets up a sandbox; [`Sandbox::builder`] makes one.
#[derive(Debug, Clone)]
#[must_use = "a sandbox runs once `start` is awaited"]
pub struct Builder {
    listen: SocketAddr,
    data: Option<PathBuf>,
    start: Start,
}

/// What a sandbox begins with, and goes back to.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) accounts: Vec<Login>,
    pub(crate) non_loopback: bool,
    /// Where webhooks may be besides this machine.
    pub(crate) receivers: Vec<IpAddr>,
    pub(crate) clock: Clock,
    pub(crate) profile: Profile,
    pub(crate) bounds: Bounds,
}

impl Start {
    pub(crate) fn state(&self, now: Time) -> State {
        State::new(&self.accounts, self.profile.clone(), now, self.bounds)
    }
}

/// The memory that emails may take, in bytes, unless [`Builder::memory`] says otherwise.
const MEMORY: usize = 512 * 1024 * 1024;

/// How one account signs in.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) second_factor: Option<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("email", &self.email).finish_non_exhaustive()
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address can be reached from other machines, which was not asked for.
    #[error("the sandbox listens on loopback only, and {0} is not; allow_non_loopback() lets other machines in")]
    NotLoopback(SocketAddr),
    /// The address could not be listened on.
    #[error("the sandbox cannot listen on {addr}")]
    Listen {
        /// The address that was asked for.
        addr: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The file of [`Builder::data`] could not be read or written.
    #[error("the state cannot be kept in {}", file.display())]
    Data {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The OpenAPI document that the sandbox is built from could not be read.
    #[error("the OpenAPI document cannot be read: {0}")]
    Document(&'static str),
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            start: Start {
                accounts: Vec::new(),
                non_loopback: false,
                receivers: Vec::new(),
                clock: Clock::real(),
                profile: Profile::default(),
                bounds: Bounds { keep: None, memory: MEMORY },
            },
        }
    }

    /// Adds an account, in place of the default one. The first one is that of [`Sandbox::email`]. Accounts see nothing of
    /// each other.
    pub fn account(mut self, email: impl Into<String>, password: impl Into<String>) -> Self {
        self.start.accounts.push(Login { email: email.into(), password: password.into(), second_factor: None });
        self
    }

    /// Asks whoever signs in to the account that was added last (the default one, when none was) for `code`, too: 6
    /// digits or 12 hexadecimal ones.
    pub fn second_factor(mut self, code: impl Into<String>) -> Self {
        if self.start.accounts.is_empty() {
            self = self.account(DEFAULT_EMAIL, DEFAULT_PASSWORD);
        }
        if let Some(account) = self.start.accounts.last_mut() {
            account.second_factor = Some(code.into());
        }
        self
    }

    /// Where to listen. The default is a free port of 127.0.0.1.
    pub fn listen(mut self, addr: SocketAddr) -> Self {
        self.listen = addr;
        self
    }

    /// Allows an address that other machines can reach. Whoever reaches it can read all that the sandbox holds.
    pub fn allow_non_loopback(mut self) -> Self {
        self.start.non_loopback = true;
        self
    }

    /// Lets webhooks be called at this address, besides those of this machine. What counts is the address that a URL's host
    /// turns out to have, whatever its name.
    pub fn allow_webhooks_to(mut self, receiver: IpAddr) -> Self {
        self.start.receivers.push(receiver.to_canonical());
        self
    }

    /// The time to live in. The default is the computer's own.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.start.clock = clock;
        self
    }

    /// The choices to make where the API's sources disagree.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.start.profile = profile;
        self
    }

    /// Keeps the last `emails` of each account and forgets older ones, for runs of any length in bounded memory; the default
    /// is to keep all.
    ///
    /// What is forgotten is no longer shown, logged or reported, and what was still to become of it does not happen. An
    /// unlisted recipient is added to a list only while the list has fewer contacts than that, and so many requests are
    /// remembered at most (never more than ten thousand). The counts of [`Sandbox::ledger`] stay exact; to know a
    /// duplicate they cost at most 20 bytes for each email that was ever accepted.
    pub fn keep(mut self, emails: usize) -> Self {
        self.start.bounds.keep = Some(emails);
        self
    }

    /// Takes at most about so many bytes for emails, of all accounts together, and forgets the oldest beyond that; the
    /// default is 512 MiB. What is forgotten is as with [`keep`](Self::keep).
    ///
    /// Contacts, suppressions and whatever else an account has come on top, at some 400 bytes for a contact. An unlisted
    /// recipient is added to a list only while the list has fewer contacts than one for each 2 KiB.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.start.bounds.memory = bytes;
        self
    }

    /// Keeps the state in a file, and begins with what it holds when it is there: accounts, emails and their lives,
    /// lists, senders, tokens, rules, all that [`Profile`] chooses. Then [`account`](Self::account) and
    /// [`profile`](Self::profile) say what a reset goes back to.
    ///
    /// Whatever was answered is there after a crash, too. The file holds passwords and tokens; `FILE.lock` beside it
    /// keeps a second sandbox away. It grows until the next start, which writes it anew.
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Starts to listen. The sandbox runs as a task of the present runtime, of any flavour, until it is dropped or closed.
    ///
    /// # Errors
    /// When the address is not loopback and that was not allowed, or cannot be listened on, or the file of
    /// [`data`](Self::data) cannot be read or written.
    pub async fn start(mut self) -> Result<Sandbox, StartError> {
        if !self.listen.ip().is_loopback() && !self.start.non_loopback {
            return Err(StartError::NotLoopback(self.listen));
        }
        let api = document::document().map_err(StartError::Document)?;
        let control = document::control().map_err(StartError::Document)?;
        let failed = |source| StartError::Listen { addr: self.listen, source };
        let door = Arc::new(Door::new(self.listen).await.map_err(failed)?);
        if self.start.accounts.is_empty() {
            self = self.account(DEFAULT_EMAIL, DEFAULT_PASSWORD);
        }
        let login = self.start.accounts[0].clone();
        let core = Arc::new(Core::new((api, control), self.start, door));
        if let Some(file) = self.data {
            let failed = |source| StartError::Data { file: file.clone(), source };
            let (journal, kept) = Journal::open(&file).map_err(failed)?;
            core.take_up(journal, kept).map_err(failed)?;
        }
        let server = tokio::spawn(server::serve(Arc::clone(&core)));
        Ok(Sandbox::new(core, login, server))
    }
}
