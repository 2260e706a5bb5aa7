//! Compares the spec with an official OpenAPI document.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;

use self::accepted::Accepted;
use self::report::{Class, Report};
use crate::{Result, codegen, files};

mod accepted;
mod operations;
mod report;
mod schemas;

#[derive(Subcommand)]
pub enum Spec {
    /// Lists where an official OpenAPI document differs from the spec.
    ///
    /// Operations, parameters, bodies, fields, enum values and types that are new, gone or changed
    /// in the official document, each with its class: `additive` when our requests and types still
    /// work with a server that follows the official document, `breaking` when they may not.
    /// Operations are matched by method and path; the names in the path's braces do not matter.
    /// Differences in crates/cakemail-model/spec/differences.json are accepted and not listed.
    ///
    /// Exit code: 0 without a difference, 1 with additive ones only, 2 with a breaking one, 3 when
    /// a document cannot be read.
    #[command(verbatim_doc_comment)]
    Diff {
        /// The official document, as JSON.
        document: PathBuf,
    },
}

pub fn run(command: &Spec) -> ExitCode {
    let Spec::Diff { document } = command;
    match diff(document) {
        Ok(class) => ExitCode::from(exit_code(class)),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

const fn exit_code(class: Option<Class>) -> u8 {
    match class {
        None => 0,
        Some(Class::Additive) => 1,
        Some(Class::Breaking) => 2,
    }
}

/// Prints the differences, and returns the worst class among them.
fn diff(document: &Path) -> Result<Option<Class>> {
    let text = fs::read_to_string(document).map_err(|error| format!("{}: {error}", document.display()))?;
    let official: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", document.display()))?;
    let accepted = Accepted::read(&files::root())?;
    let differences = compare(&codegen::bundled()?, &official).without(&accepted);
    // A reader such as `head` may close the pipe early; the exit code is still right.
    let _ = io::stdout().write_all(differences.to_string().as_bytes());
    Ok(differences.worst())
}

/// What is new, gone or changed in `official`.
fn compare(ours: &Value, official: &Value) -> Report {
    let mut report = Report::default();
    operations::compare(ours, official, &mut report);
    report
}

#[cfg(test)]
mod tests;
