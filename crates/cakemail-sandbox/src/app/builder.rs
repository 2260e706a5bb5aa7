//! Sets up and starts a sandbox.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use super::context::{App, Config};
use super::control_token::ControlToken;
use super::listener::Listener;
use super::public_url::PublicUrl;
use super::sandbox::Sandbox;
use super::server;
use crate::api::document::{self, Document};
use crate::domain::{Bounds, Login, Profile};
use crate::engine::clock::Clock;

/// The email address of the default account.
pub const DEFAULT_EMAIL: &str = "sandbox@example.com";

/// The password of [`DEFAULT_EMAIL`].
pub const DEFAULT_PASSWORD: &str = "sandbox-password";

/// Sets up a sandbox. [`Sandbox::builder`] creates it.
#[derive(Debug, Clone)]
#[must_use = "a sandbox runs once `start` is awaited"]
pub struct Builder {
    listen: SocketAddr,
    data: Option<PathBuf>,
    public_url: Option<String>,
    private: bool,
    config: Config,
}

/// The default of [`Builder::memory`].
const DEFAULT_MEMORY: usize = 512 * 1024 * 1024;

/// How many emails of an account are stored, unless the builder says otherwise.
const DEFAULT_KEEP: usize = 100_000;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Other machines can reach the address, which was not allowed.
    #[error("the sandbox listens on loopback only, and {0} is not; allow_non_loopback() allows other machines")]
    NotLoopback(SocketAddr),
    /// A setting has a value that it cannot have.
    #[error("{setting}: {reason}")]
    Setting {
        /// The method of [`Builder`].
        setting: &'static str,
        /// What is wrong with the value, or a value that it can have.
        reason: &'static str,
    },
    /// The address could not be listened on.
    #[error("the sandbox cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The file of [`Builder::data`] could not be read or written.
    #[error("the state cannot be kept in {}", file.display())]
    Data {
        /// The file.
        file: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The thread of [`Sandbox::shared`] could not start.
    #[error("the thread of the shared sandbox cannot start")]
    Thread(#[source] std::io::Error),
    /// The OpenAPI document in the crate could not be read.
    #[error("the OpenAPI document cannot be read: {0}")]
    Document(&'static str),
}

impl Sandbox {
    /// Starts with the defaults: a free port of 127.0.0.1, one account, real time.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Sets up a sandbox.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            public_url: None,
            private: false,
            config: Config {
                accounts: Vec::new(),
                non_loopback: false,
                hosts: Vec::new(),
                control_token: None,
                receivers: Vec::new(),
                origins: Vec::new(),
                clock: Clock::real(),
                profile: Profile::default(),
                bounds: Bounds { max_emails: Some(DEFAULT_KEEP), max_bytes: DEFAULT_MEMORY },
            },
        }
    }

    /// Adds an account, in place of the default one. [`Sandbox::email`] returns the first. Accounts share nothing.
    pub fn account(mut self, email: impl Into<String>, password: impl Into<String>) -> Self {
        self.config.accounts.push(Login { email: email.into(), password: password.into(), mfa_code: None });
        self
    }

    /// Requires a second factor for the account that was added last, or else the default one: 6 digits or 12 hexadecimal
    /// ones.
    pub fn mfa_code(mut self, code: impl Into<String>) -> Self {
        if self.config.accounts.is_empty() {
            self = self.account(DEFAULT_EMAIL, DEFAULT_PASSWORD);
        }
        if let Some(account) = self.config.accounts.last_mut() {
            account.mfa_code = Some(code.into());
        }
        self
    }

    /// Sets the address to listen on. The default is a free port of 127.0.0.1.
    pub fn listen(mut self, addr: SocketAddr) -> Self {
        self.listen = addr;
        self
    }

    /// Sets the URL at which clients and browsers reach the sandbox, such as that of a proxy:
    /// `https://mail.example.com/sandbox`. All links begin with it, and its host is allowed. The default is the URL of the
    /// address that the sandbox listens on.
    ///
    /// The proxy may remove the path of the URL from requests or leave it. Headers such as `X-Forwarded-Host` are not read.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// Allows requests to this host name, such as the name of a container. The port does not matter. Requests to other
    /// names are refused with 403, because a page of another site could send them through a name of its own. Names that
    /// need no allowance: `localhost`, loopback addresses, and the host of the [public URL](Self::public_url); and every
    /// IP address, when the sandbox listens on an address that is not loopback.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.config.hosts.push(name.into());
        self
    }

    /// Requires this token for requests to the control API that change something, as `Authorization: Bearer …`, and for an
    /// export. The inbox asks for it once. Without a control token, everyone who reaches the sandbox may change everything.
    ///
    /// The access token of an account is enough for what concerns only that account: its reset, its deletion, events of its
    /// emails.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.config.control_token = Some(ControlToken::new(token.into()));
        self
    }

    /// Requires the [control token](Self::control_token) for reading through the control API, too.
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Allows an address that other machines can reach. They can read everything in the sandbox, unless it is
    /// [private](Self::private).
    pub fn allow_non_loopback(mut self) -> Self {
        self.config.non_loopback = true;
        self
    }

    /// Allows webhooks at this address besides those on this machine. The address that a URL's host resolves to decides, not
    /// its name.
    pub fn allow_webhooks_to(mut self, receiver: IpAddr) -> Self {
        self.config.receivers.push(receiver.to_canonical());
        self
    }

    /// Allows the pages of another site to use the API and the control API in a browser (CORS). An origin is a scheme, a
    /// host and a port, such as `http://localhost:3000`. The default is none: only the sandbox's own pages may.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.config.origins.push(origin.into().trim_end_matches('/').to_ascii_lowercase());
        self
    }

    /// Sets the clock. The default is the computer's own time.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.config.clock = clock;
        self
    }

    /// Sets the behaviour where the API's sources disagree.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.config.profile = profile;
        self
    }

    /// Stores at most this many emails of each account and drops older ones, so that memory stays bounded in runs of any
    /// length. The default is 100,000.
    ///
    /// A dropped email is no longer shown, logged or reported, and its pending events do not happen. An unlisted recipient
    /// is added to a list only while the list has fewer contacts than that, and at most this many requests are stored
    /// (never more than ten thousand). The counts of [`Sandbox::ledger`] stay exact: to recognize duplicates, it takes at
    /// most 20 bytes for each email that was ever accepted.
    pub fn keep(mut self, emails: usize) -> Self {
        self.config.bounds.max_emails = Some(emails);
        self
    }

    /// Limits the memory for the emails of all accounts together to about this many bytes, and drops the oldest beyond
    /// that. The default is 512 MiB. Dropped emails are as with [`keep`](Self::keep).
    ///
    /// Contacts, suppressions and other objects of an account take memory in addition, a contact some 400 bytes. An
    /// unlisted recipient is added to a list only while the list has fewer contacts than one for each 2 KiB.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.config.bounds.max_bytes = bytes;
        self
    }

    /// Keeps the state in a file. When the file exists, the sandbox continues with its state: accounts, emails and their
    /// events, lists, senders, tokens, rules, faults with their counts, pending webhook deliveries, the [`Profile`], and
    /// the clock, which goes on from where it was (one that runs in real time has gone on meanwhile). Then
    /// [`account`](Self::account), [`profile`](Self::profile) and [`clock`](Self::clock) say only what a reset goes back to.
    ///
    /// Everything that a response confirmed survives the end of the process, however it ends. After a power failure the
    /// last changes can be missing. When the file cannot be written, since the disk is full for example, changes are
    /// refused with a 507, and reads go on.
    ///
    /// The file holds passwords and tokens. It is locked, so that no second sandbox uses it. From time to time, and in
    /// [`Sandbox::close`], it is replaced by a shorter one, which is written beside it as `FILE.new`: where a container
    /// mounts it, mount its folder. A link to it is followed, and stays.
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// Starts the sandbox. It runs as a task of the current Tokio runtime until it is dropped or closed.
    ///
    /// # Errors
    /// When the address is not loopback and that was not allowed, or cannot be listened on; when a setting has a value that
    /// it cannot have; or when the file of [`data`](Self::data) cannot be used: it cannot be read, is broken, or has a version
    /// of the format that this release does not read.
    pub async fn start(mut self) -> Result<Sandbox, StartError> {
        if !self.listen.ip().is_loopback() && !self.config.non_loopback {
            return Err(StartError::NotLoopback(self.listen));
        }
        let api = document::document().map_err(StartError::Document)?;
        let control = document::control().map_err(StartError::Document)?;
        let public_url = self.check_settings([api, control])?;
        let failed = |source| StartError::Listen { addr: self.listen, source };
        let listener = Listener::new(self.listen).await.map_err(failed)?;
        if self.config.accounts.is_empty() {
            self = self.account(DEFAULT_EMAIL, DEFAULT_PASSWORD);
        }
        let login = self.config.accounts[0].clone();
        let base = public_url.unwrap_or_else(|| PublicUrl::of(listener.addr()));
        let app = Arc::new(App::new(api, control, self.config, listener, base));
        if let Some(file) = self.data {
            app.keep_in(&file).map_err(|source| StartError::Data { file, source })?;
        }
        let server = tokio::spawn(server::serve(Arc::clone(&app)));
        Ok(Sandbox::new(app, login, server))
    }

    /// Checks the settings that are texts. Returns the public URL.
    fn check_settings(&mut self, documents: [&Document; 2]) -> Result<Option<PublicUrl>, StartError> {
        let failed = |setting| move |reason| StartError::Setting { setting, reason };
        if self.config.hosts.iter().any(|name| !is_host(name)) {
            return Err(failed("allow_host")("give a host name without a scheme and a port, such as mail.example.com"));
        }
        match &mut self.config.control_token {
            Some(token) => token.private = self.private,
            None if self.private => return Err(failed("private")("set a control token, too")),
            None => {}
        }
        if self.config.control_token.as_ref().is_some_and(|token| !token.is_valid()) {
            return Err(failed("control_token")("give letters, digits, `-`, `.`, `_`, `~`, `+`, `/` and `=`"));
        }
        let is_own = |first: &str| documents.iter().any(|it| it.begins_with(first));
        let url = self.public_url.as_deref().map(|url| PublicUrl::parse(url, is_own)).transpose();
        url.map_err(failed("public_url"))
    }
}

/// Whether a text can be the name in a `Host`, without a port.
fn is_host(name: &str) -> bool {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    name.parse::<IpAddr>().is_ok() || (!name.is_empty() && name.chars().all(is_name))
}
