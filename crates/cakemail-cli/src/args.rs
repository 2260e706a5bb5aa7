//! The command line: commands, arguments and their help.

mod outbox;
mod sandbox;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cakemail::{EmailId, EmailStatus, ListId, SenderId, TagFilter, TemplateId, Timestamp};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use outbox::{Decision, Enqueue, List, Outbox, OutboxCommand, Resolve, Run, StateName};
pub use sandbox::Sandbox;

use crate::error::{self, CliError};
use crate::value_parsers;

const AFTER_HELP: &str = "\
Environment:
  CAKEMAIL_EMAIL, CAKEMAIL_PASSWORD  credentials of a user
  CAKEMAIL_ACCESS_TOKEN              an access token, instead of these two
  CAKEMAIL_API_BASE                  base URL of the API, when --api-base is not given
  CAKEMAIL_ALLOW_HTTP                hosts to which the base URL may be plain http, for example a sandbox
  CAKEMAIL_OUTBOX                    the ledger of `cakemail outbox`, when --ledger is not given
  CAKEMAIL_SANDBOX_CONTROL_TOKEN     the control token of `cakemail sandbox`, when --control-token is not given

Exit codes:
  0  success
  1  failure, or the email was rejected
  2  invalid command line
  3  unknown: the server may have done it, so check before you run the command again
  4  a check of `cakemail doctor` could not be made, and none failed

Without an account: cakemail quickstart, cakemail sandbox, cakemail --sandbox COMMAND";

/// Send and track email through Cakemail, or try it offline
#[derive(Debug, Parser)]
#[command(name = "cakemail", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, clap::Args)]
pub struct Global {
    /// Print one JSON object per line; errors too, on stderr
    #[arg(long, global = true, display_order = 90)]
    pub json: bool,
    /// Run against a temporary sandbox: needs no account and no network
    #[arg(long, global = true, display_order = 91)]
    pub sandbox: bool,
    /// Act on behalf of this sub-account
    #[arg(long, global = true, value_name = "ID", display_order = 92)]
    pub account: Option<String>,
    /// Base URL of the API [default: CAKEMAIL_API_BASE, or https://api.cakemail.dev]
    #[arg(long, global = true, value_name = "URL", display_order = 93)]
    pub api_base: Option<String>,
    /// Log each call to stderr; -vv logs its connections too
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 94)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every step of the guide offline: sign in, send, track, search, and common errors
    Quickstart,
    /// Run an offline Cakemail server on this machine, until it is stopped
    Sandbox(Box<Sandbox>),
    /// Send an email
    Send(Box<Send>),
    /// Send emails that must not be lost: from a ledger in a SQLite file or in PostgreSQL
    Outbox(Outbox),
    /// Show the status of an email
    Status {
        /// ID of the email, from `cakemail send` or `cakemail logs`
        email_id: Option<EmailId>,
    },
    /// Check whether an email can be sent: credentials, sender, domain, list and recipient
    #[command(
        after_help = "Exit code: 0 if an email can be sent, 1 if a check failed, 4 if a check could not be made."
    )]
    Doctor(Doctor),
    /// Show the email log, newest first
    Logs(Logs),
    /// List, create, confirm and delete senders
    Senders {
        #[command(subcommand)]
        action: Option<Senders>,
    },
    /// List, show and create contact lists
    Lists {
        #[command(subcommand)]
        action: Option<Lists>,
    },
}

impl Command {
    /// Whether it runs for long, and reports failures that it survives.
    pub fn is_worker(&self) -> bool {
        matches!(self, Self::Outbox(Outbox { command: OutboxCommand::Run(_), .. }))
    }
}

#[derive(Debug, clap::Args)]
pub struct Send {
    #[command(flatten)]
    pub email: Email,
    /// Wait until the email has this status
    #[arg(long, value_name = "STATUS")]
    pub wait: Option<Milestone>,
    /// How long to wait, for example 30s or 5m
    #[arg(long, value_name = "TIME", default_value = "60s", requires = "wait", value_parser = value_parsers::duration)]
    pub timeout: Duration,
}

/// The email of `send` and of `outbox enqueue`.
#[derive(Debug, clap::Args)]
pub struct Email {
    /// ID of the sender: see `cakemail senders`
    #[arg(long, value_name = "ID")]
    pub sender: Option<SenderId>,
    /// ID of the recipient's list: see `cakemail lists`
    #[arg(long, value_name = "ID", value_parser = value_parsers::list_id)]
    pub list: Option<ListId>,
    /// Email address of the recipient
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
    /// Subject line
    #[arg(long)]
    pub subject: String,
    #[command(flatten)]
    pub body: Body,
    /// Send a marketing email [default: transactional]
    #[arg(long)]
    pub marketing: bool,
    /// Tag of the email (repeatable)
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// File to attach (repeatable)
    #[arg(long = "attach", value_name = "FILE")]
    pub attachments: Vec<PathBuf>,
    /// Header to add (repeatable)
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = value_parsers::header)]
    pub headers: Vec<(String, String)>,
}

#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Sender to check [default: the first confirmed one]
    #[arg(long, value_name = "ID")]
    pub sender: Option<SenderId>,
    /// List to check [default: the first one]
    #[arg(long, value_name = "ID", value_parser = value_parsers::list_id)]
    pub list: Option<ListId>,
    /// Recipient to check
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
}

/// The source of the body: HTML, text or both, or a template. `-` reads it from stdin.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub struct Body {
    /// HTML body; `-` reads it from stdin
    #[arg(long, conflicts_with_all = ["html_file", "template"])]
    pub html: Option<String>,
    /// File that holds the HTML body; `-` is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "template")]
    pub html_file: Option<PathBuf>,
    /// Plain text body, with or without an HTML body; `-` reads it from stdin
    #[arg(long, conflicts_with_all = ["text_file", "template"])]
    pub text: Option<String>,
    /// File that holds the plain text body; `-` is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "template")]
    pub text_file: Option<PathBuf>,
    /// ID of a template, instead of a body
    #[arg(long, value_name = "ID", value_parser = value_parsers::template_id)]
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
    /// Only emails whose tags match this filter, for example {"or":["welcome","reset"]}
    #[arg(long, value_name = "FILTER", value_parser = value_parsers::tag_filter)]
    pub tags: Option<TagFilter>,
    /// Only entries with this status: submitted, queued, delivered, opened, clicked, bounced, …
    #[arg(long, value_parser = value_parsers::status)]
    pub status: Option<EmailStatus>,
    /// Only entries since then: 7d, 12h, 2026-11-23 or 2026-11-23T17:00:00Z [default: 7d]
    #[arg(long, value_name = "WHEN", value_parser = value_parsers::timestamp)]
    pub since: Option<Timestamp>,
    /// Only entries until then, in the same formats [default: now]
    #[arg(long, value_name = "WHEN", value_parser = value_parsers::timestamp)]
    pub until: Option<Timestamp>,
    /// Only entries of this email
    #[arg(long, value_name = "ID")]
    pub email_id: Option<EmailId>,
    /// Maximum number of entries
    #[arg(long, value_name = "N", default_value = "50", value_parser = value_parsers::limit)]
    pub limit: usize,
}

#[derive(Debug, Subcommand)]
pub enum Senders {
    /// List the senders (the default)
    List,
    /// Create a sender. Its address is confirmed by an email, except the account's own address
    Create {
        /// Name that recipients see
        name: String,
        /// Address that the emails come from
        email: String,
    },
    /// Confirm a sender with the ID from its confirmation email
    Confirm {
        /// ID from the link in the email
        #[arg(value_name = "CONFIRMATION_ID")]
        id: Option<String>,
    },
    /// Delete a sender
    Delete {
        /// ID of the sender
        id: Option<SenderId>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Lists {
    /// List the contact lists (the default)
    List,
    /// Create a contact list
    Create {
        /// Name of the list
        name: String,
        /// ID of its default sender: see `cakemail senders`
        #[arg(long, value_name = "ID")]
        sender: Option<SenderId>,
    },
    /// Show one contact list
    Show {
        /// ID of the list
        #[arg(value_parser = value_parsers::list_id)]
        id: Option<ListId>,
    },
}

/// The definition of the command line. `outbox enqueue` takes the arguments of `send`, and needs none of them with a file.
fn command() -> clap::Command {
    // Clap leaves the group of a struct empty that has another one inside.
    const EMAIL: [&str; 8] = ["sender", "list", "to", "subject", "marketing", "tags", "attachments", "headers"];
    let optional = |arg: clap::Arg| match arg.is_required_set() {
        true => arg.required(false).required_unless_present("file"),
        false => arg,
    };
    let enqueue = |command: clap::Command| {
        let command = command.mut_args(optional).mut_group("Body", |body| body.required(false));
        command.mut_group("Email", |email| email.args(EMAIL))
    };
    Args::command().mut_subcommand("outbox", |outbox| outbox.mut_subcommand("enqueue", enqueue))
}

/// Parses the command line. On an error, or after `--help`, prints the message and returns the exit code.
pub fn parse() -> Result<Args, ExitCode> {
    let matches = command().try_get_matches();
    matches.and_then(|matches| Args::from_arg_matches(&matches)).map_err(|error| {
        let json = std::env::args_os().skip(1).take_while(|arg| arg != "--").any(|arg| arg == "--json");
        if json && error.use_stderr() {
            let text = error.render().to_string();
            let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
            return CliError::usage(message).report(true);
        }
        // A failed write has nowhere to be reported.
        let _ = error.print();
        ExitCode::from(if error.use_stderr() { error::USAGE } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::{Args, Command, FromArgMatches, Outbox, OutboxCommand, Parser, command};

    #[test]
    fn help_pages() {
        let mut command = command().term_width(100);
        command.build();
        snapshot_help("cakemail", &mut command);
    }

    /// The snapshots of the help of a command and of its subcommands.
    fn snapshot_help(name: &str, command: &mut clap::Command) {
        insta::assert_snapshot!(name, command.render_help());
        for subcommand in command.get_subcommands_mut().filter(|subcommand| subcommand.get_name() != "help") {
            snapshot_help(&format!("{name}-{}", subcommand.get_name()), subcommand);
        }
    }

    #[test]
    fn the_definition_of_the_command_line_is_valid() {
        command().debug_assert();
    }

    #[test]
    fn outbox_enqueue_takes_an_email_or_a_file() {
        let email = ["--key", "a", "--to", "a@b.cc", "--subject", "x", "--text", "y"];
        let parse = |args: &[&str]| {
            let matches = command().try_get_matches_from([&["cakemail", "outbox", "enqueue"], args].concat())?;
            let args = Args::from_arg_matches(&matches)?;
            let Command::Outbox(Outbox { command: OutboxCommand::Enqueue(enqueue), .. }) = args.command else {
                panic!()
            };
            Ok::<_, clap::Error>((enqueue.key.is_some(), enqueue.email.is_some(), enqueue.file.is_some()))
        };
        assert_eq!(parse(&email).unwrap(), (true, true, false));
        assert_eq!(parse(&["--file", "x"]).unwrap(), (false, false, true));
        for wrong in [&email[2..], &["--key", "a"], &["--file", "x", "--to", "a@b.cc"], &["--file", "x", "--text", "y"]]
        {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn account_is_an_email_address_for_sandbox_and_an_id_elsewhere() {
        let args = Args::parse_from(["cakemail", "sandbox", "--account", "me@example.com"]);
        let Command::Sandbox(sandbox) = args.command else { panic!("{args:?}") };
        assert_eq!(sandbox.email, "me@example.com");
        for line in [["cakemail", "--account", "7", "logs"], ["cakemail", "logs", "--account", "7"]] {
            assert_eq!(Args::parse_from(line).global.account.as_deref(), Some("7"));
        }
    }
}
