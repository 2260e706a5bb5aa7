//! The command line: what can be asked for, and how its help words it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cakemail::sandbox::{DEFAULT_EMAIL, DEFAULT_PASSWORD};
use cakemail::{EmailId, EmailStatus, ListId, SenderId, TagFilter, TemplateId, Timestamp};
use clap::{ArgAction, Parser, Subcommand, ValueEnum};

use crate::error::{self, CliError};
use crate::value_parsers;

const MORE: &str = "\
Credentials, from the environment only:
  CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD, or CAKEMAIL_ACCESS_TOKEN
  CAKEMAIL_API_BASE                     where the API is, when it is elsewhere

Exit codes:
  0  it is done
  1  it failed, or the email was rejected
  2  the command line is wrong
  3  nobody knows: it may have been done, look before you do it again

Without an account: cakemail quickstart, cakemail sandbox, cakemail --sandbox …";

/// Send and follow email through Cakemail, and try it all offline.
#[derive(Debug, Parser)]
#[command(name = "cakemail", version, after_help = MORE, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, clap::Args)]
pub struct Global {
    /// Print JSON, one object a line; errors too, on stderr
    #[arg(long, global = true, display_order = 90)]
    pub json: bool,
    /// Use a sandbox that lives as long as the command: no account, no network
    #[arg(long, global = true, display_order = 91)]
    pub sandbox: bool,
    /// The sub-account to act for
    #[arg(long, global = true, value_name = "ID", display_order = 92)]
    pub account: Option<String>,
    /// Where the API is [default: CAKEMAIL_API_BASE, or https://api.cakemail.dev]
    #[arg(long, global = true, value_name = "URL", display_order = 93)]
    pub api_base: Option<String>,
    /// Show each call on stderr; twice: its connections too
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 94)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk through everything once, offline: sign in, send, follow, search, and the usual mistakes
    Quickstart,
    /// Run an offline Cakemail on this machine, until it is stopped
    Sandbox(Sandbox),
    /// Send an email
    Send(Box<Send>),
    /// Show what has become of an email
    Status {
        /// The email's id, as `send` printed it
        email_id: Option<EmailId>,
    },
    /// Check what stands in the way of sending: credentials, sender, domain, list, recipient
    Doctor(Doctor),
    /// Show what happened to emails, the newest first
    Logs(Logs),
    /// Show, create, confirm and delete senders
    Senders {
        #[command(subcommand)]
        action: Option<Senders>,
    },
    /// Show and create lists
    Lists {
        #[command(subcommand)]
        action: Option<Lists>,
    },
}

#[derive(Debug, clap::Args)]
pub struct Sandbox {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8025", value_parser = value_parsers::listen)]
    pub listen: SocketAddr,
    /// The email address to sign in with
    // The id is that of the global argument, so that this one stands in for it here.
    #[arg(id = "account", long, value_name = "EMAIL", default_value = DEFAULT_EMAIL, value_parser = value_parsers::login)]
    pub email: String,
    /// The password to sign in with
    #[arg(long, default_value = DEFAULT_PASSWORD)]
    pub password: String,
    /// How many times as fast as real time emails live and tokens expire
    #[arg(long, value_name = "PACE", default_value = "1", value_parser = value_parsers::pace)]
    pub clock_scale: f64,
    /// Keep all that it knows in this file, and go on with what it holds; otherwise nothing is kept
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// How much memory emails may take before the oldest go
    #[arg(long, value_name = "MIB", default_value = "512", value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,
    /// Also call webhooks at this address, again for each; otherwise only those of this machine
    #[arg(long = "webhooks-to", value_name = "IP")]
    pub receivers: Vec<IpAddr>,
    /// Let other machines in: whoever reaches the address can read all that the sandbox holds
    #[arg(long)]
    pub allow_non_loopback: bool,
}

#[derive(Debug, clap::Args)]
pub struct Send {
    /// The sender's id: see `cakemail senders`
    #[arg(long, value_name = "ID")]
    pub sender: Option<SenderId>,
    /// The id of the list that the recipient belongs to: see `cakemail lists`
    #[arg(long, value_name = "ID", value_parser = value_parsers::list)]
    pub list: Option<ListId>,
    /// The recipient
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
    #[arg(long)]
    /// The subject
    pub subject: String,
    #[command(flatten)]
    pub body: Body,
    /// Send it as marketing, not as transactional
    #[arg(long)]
    pub marketing: bool,
    /// A tag to find it by, again for each
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// A file to attach, again for each
    #[arg(long = "attach", value_name = "FILE")]
    pub attachments: Vec<PathBuf>,
    /// A header to add, again for each
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = value_parsers::header)]
    pub headers: Vec<(String, String)>,
    /// Wait until it has come so far
    #[arg(long, value_name = "STATUS")]
    pub wait: Option<Milestone>,
    /// How long to wait
    #[arg(long, value_name = "TIME", default_value = "60s", requires = "wait", value_parser = value_parsers::span)]
    pub timeout: Duration,
}

#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// The sender to check [default: the first that is confirmed]
    #[arg(long, value_name = "ID")]
    pub sender: Option<SenderId>,
    /// The list to check [default: the first]
    #[arg(long, value_name = "ID", value_parser = value_parsers::list)]
    pub list: Option<ListId>,
    /// A recipient to check
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
}

/// Where the body is from: HTML, text or both, or else a template. `-` is the standard input.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Body {
    /// The body as HTML; `-` reads it from the standard input
    #[arg(long, conflicts_with_all = ["html_file", "template"])]
    pub html: Option<String>,
    /// A file with the body as HTML, or `-`
    #[arg(long, value_name = "FILE", conflicts_with = "template")]
    pub html_file: Option<PathBuf>,
    /// The body as plain text, alone or beside HTML; `-` reads it from the standard input
    #[arg(long, conflicts_with_all = ["text_file", "template"])]
    pub text: Option<String>,
    /// A file with the body as plain text, or `-`
    #[arg(long, value_name = "FILE", conflicts_with = "template")]
    pub text_file: Option<PathBuf>,
    /// The id of a template that has the body
    #[arg(long, value_name = "ID", value_parser = value_parsers::template)]
    pub template: Option<TemplateId>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Milestone {
    Delivered,
    Opened,
    Clicked,
}

#[derive(Debug, clap::Args)]
pub struct Logs {
    /// Only emails with this tag
    #[arg(long, conflicts_with = "tags")]
    pub tag: Option<String>,
    /// Only emails whose tags pass this query, such as {"or":["welcome","reset"]}
    #[arg(long, value_name = "QUERY", value_parser = value_parsers::tags)]
    pub tags: Option<TagFilter>,
    /// Only this status: submitted, queued, delivered, opened, clicked, bounced, …
    #[arg(long, value_parser = value_parsers::status)]
    pub status: Option<EmailStatus>,
    /// Not before: 7d, 12h, 2026-11-23 or 2026-11-23T17:00:00Z [default: 7d]
    #[arg(long, value_name = "WHEN", value_parser = value_parsers::moment)]
    pub since: Option<Timestamp>,
    /// Not after, likewise [default: now]
    #[arg(long, value_name = "WHEN", value_parser = value_parsers::moment)]
    pub until: Option<Timestamp>,
    /// Only this email
    #[arg(long, value_name = "ID")]
    pub email_id: Option<EmailId>,
    /// How many lines at most
    #[arg(long, value_name = "N", default_value = "50", value_parser = value_parsers::limit)]
    pub limit: usize,
}

#[derive(Debug, Subcommand)]
pub enum Senders {
    /// Show the senders (the default)
    List,
    /// Create a sender: confirmed at once when its address is the account's own, else by a mail to it
    Create {
        /// The name that recipients see
        name: String,
        /// The address to send from
        email: String,
    },
    /// Confirm a sender with the id from its confirmation mail
    Confirm {
        /// The id from the link in the mail
        #[arg(value_name = "CONFIRMATION_ID")]
        id: Option<String>,
    },
    /// Delete a sender
    Delete {
        /// The sender's id
        id: Option<SenderId>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Lists {
    /// Show the lists (the default)
    List,
    /// Create a list
    Create {
        /// Its name
        name: String,
        /// The id of its default sender: see `cakemail senders`
        #[arg(long, value_name = "ID")]
        sender: Option<SenderId>,
    },
    /// Show one list
    Show {
        /// The list's id
        #[arg(value_parser = value_parsers::list)]
        id: Option<ListId>,
    },
}

/// Reads the command line; when that fails (or only help was asked for), says so and how to exit.
pub fn read() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|error| {
        let json = std::env::args_os().skip(1).take_while(|it| it != "--").any(|it| it == "--json");
        if json && error.use_stderr() {
            let text = error.render().to_string();
            let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
            return CliError::usage(message).report(true);
        }
        // Nobody is left to tell when this cannot be written.
        let _ = error.print();
        ExitCode::from(if error.use_stderr() { error::USAGE } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Args, Command, Parser};

    #[test]
    fn the_command_line_holds_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_sandboxes_account_is_an_address_and_everybody_elses_an_id() {
        let args = Args::parse_from(["cakemail", "sandbox", "--account", "me@example.com"]);
        let Command::Sandbox(sandbox) = args.command else { panic!("{args:?}") };
        assert_eq!(sandbox.email, "me@example.com");
        for line in [["cakemail", "--account", "7", "logs"], ["cakemail", "logs", "--account", "7"]] {
            assert_eq!(Args::parse_from(line).global.account.as_deref(), Some("7"));
        }
    }
}
