//! The sandbox held against its documents from outside, by schemathesis: what it finds is mended, or explained.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use self::allowed::Allowed;
use self::report::Report;
use self::sandbox::Sandbox;
use crate::{Result, files, run};

mod allowed;
mod examples;
mod report;
mod sandbox;

/// The data of every run, unless another seed is asked for: a finding is known by it.
const SEED: u64 = 1;

/// A document that the sandbox serves, with paths from its root on, and what is known to differ from it.
struct Api {
    document: &'static str,
    allowed: &'static str,
    /// How many requests are made up for each operation, and how many walks through several.
    examples: u32,
    /// Operations that cannot be tried, by their ids.
    without: &'static [&'static str],
}

const APIS: &[Api] = &[
    Api { document: "/openapi.json", allowed: ".ci/contract/openapi.toml", examples: 40, without: &[] },
    Api { document: "/_sandbox/openapi.json", allowed: ".ci/contract/control.toml", examples: 10, without: UNTRIED },
];

/// Operations of the control API that a run would not survive.
const UNTRIED: &[&str] = &[
    "streamChanges",   // never ends
    "waitForMessages", // takes minutes when no email matches
    "importState",     // replaces the state that the others are tested on
    "resetSandbox",    // deletes it
    "deleteTenant",    // deletes it; other responses hold the accounts' ids
];

/// Tries each document on a sandbox of its own. With another seed than the usual one an entry of an allow-list may be
/// without its finding.
pub fn check(seed: Option<u64>) -> Result {
    let version = run::output(Command::new("schemathesis").arg("--version")).map_err(|error| {
        format!(
            "{error}\ninstall schemathesis: `python3 -m venv target/venv && source target/venv/bin/activate && \
             pip install -r .ci/contract/requirements.txt`"
        )
    })?;
    println!("{version}");
    sandbox::build()?;
    let mut wrong = Vec::new();
    for api in APIS {
        wrong.extend(api.check(seed)?);
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("the sandbox is not as documented\n{}", wrong.join("\n")).into())
    }
}

impl Api {
    /// What is wrong; what was tried is printed.
    fn check(&self, seed: Option<u64>) -> Result<Vec<String>> {
        let allowed = Allowed::read(&files::root().join(self.allowed))?;
        let sandbox = Sandbox::start()?;
        let folder = tempfile::tempdir()?;
        let report = self.tried(&sandbox, seed.unwrap_or(SEED), folder.path())?;
        println!("{}: {report}, of which are allowed", self.document);
        allowed.print(&report.findings);
        let mut wrong = allowed.unknown(&report.findings);
        if seed.is_none_or(|seed| seed == SEED) {
            wrong.extend(allowed.stale(&report.findings).map(|entry| format!("{}: {entry}", self.allowed)));
        }
        Ok(wrong)
    }

    /// Runs schemathesis, which leaves files where it runs.
    fn tried(&self, sandbox: &Sandbox, seed: u64, folder: &Path) -> Result<Report> {
        let mut document = sandbox.get(self.document)?;
        let token = examples::give(sandbox, &mut document, folder)?;
        let (document, events) = (written(folder, "openapi.json", &document)?, folder.join("events.ndjson"));
        let mut command = Command::new("schemathesis");
        command.current_dir(folder).env("HYPOTHESIS_STORAGE_DIRECTORY", folder.join("hypothesis"));
        command.args(["--config-file", examples::CONFIG, "run"]).arg(document).args(["--url", sandbox.url()]);
        command.args(["--header", &format!("Authorization: Bearer {token}"), "--output-sanitize", "false"]);
        command.args(["--checks", "all", "--mode", "all", "--seed", &seed.to_string()]);
        command.args(["--max-examples", &self.examples.to_string()]);
        command.args(["--continue-on-failure", "--no-shrink", "--generation-database", "none"]);
        command.args(["--request-timeout", "30", "--report", "ndjson", "--report-ndjson-path"]).arg(&events);
        for operation in self.without {
            command.args(["--exclude-operation-id", operation]);
        }
        // It fails when it finds anything; what it says of that is in the events.
        let output = command.output()?;
        report::read(&events).map_err(|error| {
            let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            format!("schemathesis left no whole report: {error}\n{said}{complained}").into()
        })
    }
}

fn written(folder: &Path, name: &str, value: &Value) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, value.to_string())?;
    Ok(path)
}
