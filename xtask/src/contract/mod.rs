//! Tests the sandbox against its OpenAPI documents with schemathesis. Each finding is fixed, or allowed with a reason.

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

/// The default seed. Entries of the allow-lists refer to its findings.
const SEED: u64 = 1;

/// A document that the sandbox serves, and the list of its allowed findings.
struct Api {
    document: &'static str,
    allowed: &'static str,
    /// The number of generated requests for each operation, and of generated sequences.
    examples: u32,
    /// The IDs of operations that are not tested.
    excluded: &'static [&'static str],
}

const APIS: &[Api] = &[
    Api { document: "/openapi.json", allowed: ".ci/contract/openapi.toml", examples: 40, excluded: &[] },
    Api { document: "/_sandbox/openapi.json", allowed: ".ci/contract/control.toml", examples: 10, excluded: EXCLUDED },
];

/// Operations of the control API that would end or block the run.
const EXCLUDED: &[&str] = &[
    "streamChanges",   // never ends
    "waitForMessages", // takes minutes when no email matches
    "importState",     // replaces the state that the others are tested on
    "resetSandbox",    // deletes it
    "deleteTenant",    // deletes it; other responses hold the accounts' ids
];

/// Tests each document against its own sandbox. With another seed than the default, an allowed finding may be absent.
pub fn check(seed: Option<u64>) -> Result {
    let version = run::output(Command::new("schemathesis").arg("--version")).map_err(|error| {
        format!(
            "{error}\ninstall schemathesis: `python3 -m venv target/venv && source target/venv/bin/activate && \
             pip install -r .ci/contract/requirements.txt`"
        )
    })?;
    println!("{version}");
    sandbox::build()?;
    let mut problems = Vec::new();
    for api in APIS {
        problems.extend(api.check(seed)?);
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("the sandbox does not match its documents\n{}", problems.join("\n")).into())
    }
}

impl Api {
    /// Prints the report, and returns the findings that are not allowed and the entries without a finding.
    fn check(&self, seed: Option<u64>) -> Result<Vec<String>> {
        let allowed = Allowed::read(&files::root().join(self.allowed))?;
        let sandbox = Sandbox::start()?;
        let folder = tempfile::tempdir()?;
        let report = self.run_schemathesis(&sandbox, seed.unwrap_or(SEED), folder.path())?;
        println!("{}: {report}; allowed:", self.document);
        allowed.print(&report.findings);
        let mut problems = allowed.unknown(&report.findings);
        if seed.is_none_or(|seed| seed == SEED) {
            problems.extend(allowed.stale(&report.findings).map(|entry| format!("{}: {entry}", self.allowed)));
        }
        Ok(problems)
    }

    /// Runs schemathesis in a folder, to which it writes files.
    fn run_schemathesis(&self, sandbox: &Sandbox, seed: u64, folder: &Path) -> Result<Report> {
        let mut document = sandbox.get(self.document)?;
        let token = examples::prepare(sandbox, &mut document, folder)?;
        let (document, events) = (write_json(folder, "openapi.json", &document)?, folder.join("events.ndjson"));
        let mut command = Command::new("schemathesis");
        command.current_dir(folder).env("HYPOTHESIS_STORAGE_DIRECTORY", folder.join("hypothesis"));
        command.args(["--config-file", examples::CONFIG, "run"]).arg(document).args(["--url", sandbox.url()]);
        command.args(["--header", &format!("Authorization: Bearer {token}"), "--output-sanitize", "false"]);
        command.args(["--checks", "all", "--mode", "all", "--seed", &seed.to_string()]);
        command.args(["--max-examples", &self.examples.to_string()]);
        command.args(["--continue-on-failure", "--no-shrink", "--generation-database", "none"]);
        command.args(["--request-timeout", "30", "--report", "ndjson", "--report-ndjson-path"]).arg(&events);
        for operation in self.excluded {
            command.args(["--exclude-operation-id", operation]);
        }
        // Its exit code tells whether it has findings, which are in the events.
        let output = command.output()?;
        report::read(&events).map_err(|error| {
            let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
            format!("the report of schemathesis is incomplete: {error}\n{stdout}{stderr}").into()
        })
    }
}

fn write_json(folder: &Path, name: &str, value: &Value) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, value.to_string())?;
    Ok(path)
}
