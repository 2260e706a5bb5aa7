//! Tasks of this workspace. `cargo xtask help` lists them.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod codegen;
mod contract;
mod files;
mod one_entry;
mod release;
mod run;
mod spec;
mod tidy;

/// Returns a message that says what is wrong.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Tasks of the Cakemail workspace.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measures the cost of sending an email, compared with the bare HTTP libraries: see `cargo xtask bench --help`.
    #[command(disable_help_flag = true)]
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Tests the sandbox's pages in a real browser: see `cargo xtask browser --help`.
    #[command(disable_help_flag = true)]
    Browser {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Writes the generated files from the spec: crates/cakemail-model/spec.
    Codegen {
        /// Writes nothing, and fails when a generated file is out of date, missing or unexpected.
        #[arg(long, conflicts_with = "from")]
        check: bool,
        /// Reads another OpenAPI document and writes a separate crate.
        #[arg(long, value_name = "FILE", requires = "out")]
        from: Option<PathBuf>,
        /// Folder of that crate.
        #[arg(long, value_name = "DIR", requires = "from")]
        out: Option<PathBuf>,
    },
    /// Tests the sandbox against its OpenAPI documents with schemathesis, and fails on any finding that is not allowed.
    Contract {
        /// Seed of the generated requests [default: 1].
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
    /// Checks that no send is duplicated or lost under injected faults: see `cargo xtask faults --help`.
    #[command(disable_help_flag = true)]
    Faults {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Checks what reads bytes from elsewhere with mutated samples: see `cargo xtask fuzz --help`.
    #[command(disable_help_flag = true)]
    Fuzz {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Proves that a new resource is one file of the spec: adds one to a copy of the workspace, and calls it over HTTP.
    OneEntry,
    /// Checks the outbox's state machine under random schedules: see `cargo xtask outbox-sim --help`.
    #[command(disable_help_flag = true)]
    OutboxSim {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Checks that the outbox loses no email and sends none twice, through kills, freezes and broken connections: see
    /// `cargo xtask outbox-faults --help`.
    #[command(disable_help_flag = true)]
    OutboxFaults {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Prepares a release: version, changelog, checks, packages, commit and tag. Pushes and publishes nothing.
    Release {
        /// Version of the release, for example 0.2.0.
        version: String,
        /// Runs every step, and keeps no result.
        #[arg(long)]
        dry_run: bool,
    },
    /// Measures the sandbox's requests as more emails are stored: see `cargo xtask sandbox-bench --help`.
    #[command(disable_help_flag = true)]
    SandboxBench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Tests the sandbox behind nginx and Traefik, with the configurations of the documentation.
    SandboxProxy,
    /// Checks that a sandbox loses nothing that it confirmed when it is killed: see `cargo xtask sandbox-kills --help`.
    #[command(disable_help_flag = true)]
    SandboxKills {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Compares the spec with other documents.
    #[command(subcommand)]
    Spec(spec::Spec),
    /// Checks dependencies between crates and modules, manifests, headers, wording and dependency budgets.
    Tidy {
        /// Prints the number of dependencies of each crate instead.
        #[arg(long)]
        tree: bool,
    },
}

fn main() -> ExitCode {
    let result = match Xtask::parse().task {
        Task::Bench { arguments } => run::program("cakemail-bench", &["--release"], &arguments),
        Task::Browser { arguments } => run::program("cakemail-browser", &[], &arguments),
        Task::Codegen { from: Some(from), out: Some(out), .. } => codegen::elsewhere(&from, &out),
        Task::Codegen { check, .. } => codegen::in_tree(check),
        Task::Contract { seed } => contract::check(seed),
        Task::Faults { arguments } => run::program("cakemail-faults", &[], &arguments),
        Task::Fuzz { arguments } => run::program("cakemail-fuzz", &[], &arguments),
        Task::OneEntry => one_entry::check(),
        Task::OutboxSim { arguments } => run::program("cakemail-outbox-sim", &[], &arguments),
        Task::OutboxFaults { arguments } => run::program("cakemail-outbox-faults", &[], &arguments),
        Task::Release { version, dry_run } => release::release(&version, dry_run),
        Task::SandboxProxy => run::program("cakemail-sandbox-proxy", &[], &[]),
        Task::SandboxBench { arguments } => run::program("cakemail-sandbox-bench", &["--release"], &arguments),
        Task::SandboxKills { arguments } => {
            run::build("cakemail-cli").and_then(|()| run::program("cakemail-sandbox-kills", &[], &arguments))
        }
        Task::Spec(command) => return spec::run(&command),
        Task::Tidy { tree: true } => tidy::print_tree(),
        Task::Tidy { tree: false } => tidy::check(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
