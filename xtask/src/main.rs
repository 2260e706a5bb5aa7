//! Chores of this workspace: `cargo xtask help` lists them.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod codegen;
mod contract;
mod files;
mod release;
mod run;
mod spec;
mod tidy;

/// What every chore returns: a sentence that says what is wrong, when something is.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Chores of the Cakemail workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measures what an email costs, beside the bare HTTP libraries: `cargo xtask bench --help`.
    #[command(disable_help_flag = true)]
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Holds the sandbox's pages against a real browser: `cargo xtask browser --help`.
    #[command(disable_help_flag = true)]
    Browser {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Writes the generated files from the spec: crates/cakemail-model/spec.
    Codegen {
        /// Changes nothing; fails when a file would be changed, is missing, or should not be there.
        #[arg(long, conflicts_with = "from")]
        check: bool,
        /// Reads another document and writes a crate of its own, outside the tree.
        #[arg(long, value_name = "FILE", requires = "out")]
        from: Option<PathBuf>,
        /// Where that crate goes.
        #[arg(long, value_name = "DIR", requires = "from")]
        out: Option<PathBuf>,
    },
    /// Holds the sandbox against its OpenAPI documents, with schemathesis: any finding that is not explained fails.
    Contract {
        /// Other data than that of every run.
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
    /// Checks that no send is duplicated or lost under injected faults: `cargo xtask faults --help`.
    #[command(disable_help_flag = true)]
    Faults {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Makes a release, up to the push: version, changelog, checks, packages, commit and tag.
    Release {
        /// The version, such as 0.2.0.
        version: String,
        /// Does all of it, and then throws it away.
        #[arg(long)]
        dry_run: bool,
    },
    /// Compares the spec with other documents.
    #[command(subcommand)]
    Spec(spec::Spec),
    /// Says what is untidy: arrows between crates, manifests, headers, dependency budgets.
    Tidy {
        /// Prints what each crate pulls in, counted, instead.
        #[arg(long)]
        tree: bool,
    },
}

fn main() -> ExitCode {
    let done = match Xtask::parse().chore {
        Chore::Bench { arguments } => run::program("cakemail-bench", &["--release"], &arguments),
        Chore::Browser { arguments } => run::program("cakemail-browser", &[], &arguments),
        Chore::Codegen { from: Some(from), out: Some(out), .. } => codegen::elsewhere(&from, &out),
        Chore::Codegen { check, .. } => codegen::in_tree(check),
        Chore::Contract { seed } => contract::check(seed),
        Chore::Faults { arguments } => run::program("cakemail-faults", &[], &arguments),
        Chore::Release { version, dry_run } => release::release(&version, dry_run),
        Chore::Spec(command) => return spec::run(&command),
        Chore::Tidy { tree: true } => tidy::print_tree(),
        Chore::Tidy { tree: false } => tidy::check(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
