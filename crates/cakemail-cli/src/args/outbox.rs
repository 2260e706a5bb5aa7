//! The arguments of `cakemail outbox` and their help.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use cakemail::{EmailId, IdempotencyKey, Timestamp};
use clap::{Subcommand, ValueEnum};

use super::Email;
use crate::value_parsers;

const AFTER_HELP: &str = "\
An email in the ledger outlives the process, and is sent once. Its states:
  queued       it waits to be sent
  dispatching  a worker has claimed it
  unknown      it may have been accepted; the worker searches the email log for it
  parked       nobody can know whether it was accepted: see `cakemail outbox resolve`
  accepted, refused, cancelled, expired";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Outbox {
    /// A SQLite file, or the URL of a PostgreSQL database: postgres://user@host/database
    #[arg(
        long,
        global = true,
        value_name = "LEDGER",
        env = "CAKEMAIL_OUTBOX",
        hide_env_values = true,
        display_order = 80
    )]
    pub ledger: Option<String>,
    #[command(subcommand)]
    pub command: OutboxCommand,
}

#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// Enqueue an email, or a file of emails
    #[command(after_help = FILE_HELP, override_usage = ENQUEUE_USAGE)]
    Enqueue(Box<Enqueue>),
    /// Send what is due, until it is stopped
    Run(Run),
    /// Show how many emails are in each state
    Status,
    /// List emails, the newest first, without their content
    List(List),
    /// Show an email with its recipient, and why it is in its state
    Show {
        /// Key of the email
        #[arg(value_parser = value_parsers::key)]
        key: IdempotencyKey,
    },
    /// Decide about an email that may have been accepted
    Resolve(Resolve),
    /// Send refused or cancelled emails again, for example after the account was corrected
    Retry {
        /// Keys of the emails
        #[arg(value_name = "KEY", required = true, value_parser = value_parsers::key)]
        keys: Vec<IdempotencyKey>,
    },
    /// Cancel emails that are queued or parked
    Cancel {
        /// Keys of the emails
        #[arg(value_name = "KEY", required = true, value_parser = value_parsers::key)]
        keys: Vec<IdempotencyKey>,
    },
    /// Remove emails that ended long ago. Their keys are free afterwards
    Prune {
        /// Remove those that did not change for this long, for example 30d
        #[arg(long, value_name = "TIME", value_parser = value_parsers::duration)]
        older_than: Duration,
    },
}

const ENQUEUE_USAGE: &str = "\
cakemail outbox enqueue [OPTIONS] --key <KEY> --sender <ID> --list <ID> --to <ADDRESS> \
--subject <SUBJECT> <BODY>
       cakemail outbox enqueue [OPTIONS] --file <FILE>";

const FILE_HELP: &str = r#"A file has one JSON object per line, with the email as the API takes it:
  {"key": "order-1042", "email": {"sender": {"id": "7"}, "list_id": 42, "email": "ada@example.com",
   "content": {"type": "transactional", "subject": "Hello", "text": "Hello, Ada."}}}
It may also have "send_at" and "expires_at" (times), "resend_after" (such as "1h") and "attach" (paths).
The valid lines are enqueued, and the others are reported by their number. Enqueuing them again does nothing."#;

#[derive(Debug, clap::Args)]
pub struct Enqueue {
    /// Identifies the email: enqueued again under its key, it is still sent once
    #[arg(long, value_name = "KEY", required = true, value_parser = value_parsers::key)]
    pub key: Option<IdempotencyKey>,
    #[command(flatten)]
    pub email: Option<Email>,
    /// Send it then: 2h (from now) or 2026-11-23T17:00:00Z [default: now]
    #[arg(long, value_name = "WHEN", conflicts_with = "file", value_parser = value_parsers::time_ahead)]
    pub send_at: Option<Timestamp>,
    /// Do not send it after that, in the same formats
    #[arg(long, value_name = "WHEN", conflicts_with = "file", value_parser = value_parsers::time_ahead)]
    pub expires_at: Option<Timestamp>,
    /// Send it again if its response is lost and the email log still lacks it after this time [default: park it]
    #[arg(long, value_name = "TIME", conflicts_with = "file", value_parser = value_parsers::duration)]
    pub resend_after: Option<Duration>,
    /// File of emails, one JSON object per line, instead of one email; `-` is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "Email", "Body"])]
    pub file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Run {
    /// Stop when every email has ended or is parked [default: run until SIGTERM or Ctrl-C]
    #[arg(long)]
    pub until_empty: bool,
    /// Maximum number of emails in flight
    #[arg(long, value_name = "N", default_value = "64", value_parser = value_parsers::limit)]
    pub in_flight: usize,
    /// Emails per second of all workers of the ledger together [default: as many as the server accepts]
    #[arg(long, value_name = "N", value_parser = value_parsers::rate)]
    pub rate: Option<f64>,
    /// Serve metrics for Prometheus on this address, for example 127.0.0.1:9464
    #[arg(long, value_name = "ADDR", value_parser = value_parsers::socket_addr)]
    pub metrics: Option<SocketAddr>,
}

#[derive(Debug, clap::Args)]
pub struct List {
    /// Only emails in this state (repeatable)
    #[arg(long = "state", value_name = "STATE")]
    pub states: Vec<StateName>,
    /// Maximum number of emails
    #[arg(long, value_name = "N", default_value = "50", value_parser = value_parsers::limit)]
    pub limit: usize,
}

#[derive(Debug, clap::Args)]
pub struct Resolve {
    /// Key of the email
    #[arg(value_parser = value_parsers::key)]
    pub key: IdempotencyKey,
    #[command(flatten)]
    pub decision: Decision,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Decision {
    /// Send it again. The recipient may get it twice
    #[arg(long)]
    pub send_again: bool,
    /// It was accepted: record that, with its ID if you know it
    #[arg(long, value_name = "ID")]
    pub accepted: Option<Option<EmailId>>,
    /// Search the email log for it once more
    #[arg(long)]
    pub look: bool,
    /// Do not send it
    #[arg(long)]
    pub cancel: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum StateName {
    Queued,
    Dispatching,
    Unknown,
    Parked,
    Accepted,
    Refused,
    Cancelled,
    Expired,
}

impl StateName {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Dispatching => "dispatching",
            Self::Unknown => "unknown",
            Self::Parked => "parked",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}
