//! Reads the events that schemathesis writes in a run.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Result;

/// The number of characters of a body to show.
const SHOWN: usize = 400;

pub struct Report {
    operations: usize,
    requests: usize,
    checks: usize,
    pub findings: Vec<Finding>,
}

/// A check that a response failed.
pub struct Finding {
    /// `POST /v2/emails`.
    pub operation: String,
    /// The name of the check.
    pub check: String,
    /// The message of schemathesis.
    pub message: String,
    /// Method, URL and body.
    pub request: String,
    /// Status and body.
    pub response: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, requests, checks, findings } = self;
        write!(f, "{operations} operations, {requests} requests, {checks} checks, {} findings", findings.len())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, check, message, request, response } = self;
        let cut = |text: &str| text.chars().take(SHOWN).collect::<String>();
        write!(f, "{operation}: {check}: {}\n  > {}\n  < {}", message.replace('\n', " "), cut(request), cut(response))
    }
}

/// Reads the events of a complete run.
pub fn read(events: &Path) -> Result<Report> {
    let mut report = Report { operations: 0, requests: 0, checks: 0, findings: Vec::new() };
    let mut finished = false;
    for line in BufReader::new(File::open(events)?).lines() {
        let event: Value = serde_json::from_str(&line?)?;
        if let Some(scenario) = event.get("ScenarioFinished") {
            report.take(&scenario["recorder"]);
        }
        if let Some(loaded) = event.get("LoadingFinished") {
            report.operations = count(&loaded["statistic"]["operations"]["selected"]);
        }
        if let Some(error) = event.get("NonFatalError").or(event.get("FatalError")) {
            return Err(error.to_string().into());
        }
        finished |= event.get("EngineFinished").is_some();
    }
    if finished { Ok(report) } else { Err("the run is incomplete".into()) }
}

impl Report {
    fn take(&mut self, recorder: &Value) {
        self.requests += recorder["interactions"].as_object().map_or(0, serde_json::Map::len);
        for (case, checks) in recorder["checks"].as_object().into_iter().flatten() {
            for check in checks.as_array().into_iter().flatten() {
                self.checks += 1;
                if check["status"] == "failure" {
                    self.findings.push(Finding::read(check, &recorder["interactions"][case]));
                }
            }
        }
    }
}

impl Finding {
    fn read(check: &Value, interaction: &Value) -> Self {
        let (failure, request) = (&check["failure_info"]["failure"], &interaction["request"]);
        let response = &interaction["response"];
        Self {
            operation: text(&failure["operation"]),
            check: text(&check["name"]),
            message: text(&failure["message"]),
            request: format!("{} {} {}", text(&request["method"]), text(&request["uri"]), body(&request["body"])),
            response: format!("{} {}", response["status_code"], body(&response["content"])),
        }
    }
}

fn count(value: &Value) -> usize {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn body(value: &Value) -> String {
    let bytes = STANDARD.decode(value["$base64"].as_str().unwrap_or_default()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
