//! The arguments of `cakemail sandbox`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use cakemail::sandbox::{DEFAULT_EMAIL, DEFAULT_PASSWORD};

use crate::value_parsers;

#[derive(Debug, clap::Args)]
pub struct Sandbox {
    /// Address to listen on; port 0 picks a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8025", value_parser = value_parsers::socket_addr)]
    pub listen: SocketAddr,
    /// Email address of the user
    // It has the id of the global argument `--account`, and so replaces it in this command.
    #[arg(id = "account", long, value_name = "EMAIL", default_value = DEFAULT_EMAIL, value_parser = value_parsers::email_address)]
    pub email: String,
    /// Password of the user
    #[arg(long, default_value = DEFAULT_PASSWORD)]
    pub password: String,
    /// Speed of the clock, for example 60: a minute passes each second
    #[arg(long, value_name = "SPEED", default_value = "1", value_parser = value_parsers::speed)]
    pub clock_scale: f64,
    /// Persist the state to this file, and load it from there at the start [default: keep it in memory]
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Emails to store for each account; beyond it the oldest are deleted
    #[arg(long, value_name = "N", default_value = "100000", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: u32,
    /// Memory limit for emails; beyond it the oldest are deleted
    #[arg(long, value_name = "MIB", default_value = "512", value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,
    /// Also deliver webhooks to this address (repeatable) [default: only to this machine]
    #[arg(long = "webhooks-to", value_name = "IP")]
    pub receivers: Vec<IpAddr>,
    /// Allow web pages of this origin to use the sandbox, for example http://localhost:3000 (repeatable)
    #[arg(long = "allow-origin", value_name = "ORIGIN", value_parser = value_parsers::origin)]
    pub origins: Vec<String>,
    /// Accept connections from other machines; they can read everything in the sandbox, unless it is private
    #[arg(long)]
    pub allow_non_loopback: bool,
    /// URL at which clients and browsers reach the sandbox, for example that of a proxy; all links begin with it
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Accept requests to this host name, for example that of a container (repeatable)
    #[arg(long = "allow-host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Token that changes through the control API need [default: none, everyone may change everything]
    #[arg(long, value_name = "TOKEN", env = "CAKEMAIL_SANDBOX_CONTROL_TOKEN", hide_env = true)]
    pub control_token: Option<String>,
    /// Require the control token for reading, too
    #[arg(long, requires = "control_token")]
    pub private: bool,
    /// Start nothing: check that the sandbox at this URL is ready [default: http://127.0.0.1:8025]
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "http://127.0.0.1:8025", exclusive = true)]
    pub check: Option<String>,
}
