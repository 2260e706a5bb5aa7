//! Runs numbered steps, shows each one and checks its result.

use std::collections::HashMap;
use std::fmt::Display;
use std::io;

use cakemail::sandbox::{Sandbox, SeenRequest};
use cakemail::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{BOLD, CYAN, DIM, GREEN, Output, RED, RESET, sanitize, wrap};

/// The length of a line.
const WIDTH: usize = 80;
/// The indentation of a step's lines.
const INDENT: &str = "    ";

/// Runs steps against a sandbox, one after the other.
pub struct Runner<'a> {
    pub sandbox: &'a Sandbox,
    out: &'a mut Output,
    section: &'static str,
    /// Number and title of the current step.
    current: (u32, &'static str),
}

/// The code of a step, and its results.
#[derive(Default)]
pub struct Step {
    code: Vec<String>,
    /// In the order of display.
    results: Vec<(&'static str, Value)>,
}

/// The reason for the failure of a step.
#[derive(Debug)]
pub struct StepFailure(String);

impl From<Error> for StepFailure {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// Shows a line of Rust in a step, and runs it.
macro_rules! run {
    ($step:ident, let $name:ident = $($code:tt)+) => {
        $step.code(concat!("let ", stringify!($name), " = ", stringify!($($code)+), ";"));
        let $name = $($code)+;
    };
    ($step:ident, $($code:tt)+) => {{
        $step.code(stringify!($($code)+));
        $($code)+
    }};
}
pub(super) use run;

impl Step {
    /// Shows a line of Rust.
    pub fn code(&mut self, line: impl Into<String>) {
        self.code.push(line.into());
    }

    /// Shows a result.
    pub fn result(&mut self, name: &'static str, value: impl Into<Value>) {
        self.results.push((name, value.into()));
    }

    /// Fails the step unless the statement of the guide holds.
    pub fn check(&self, guide: impl Display, holds: bool) -> Result<(), StepFailure> {
        if holds { Ok(()) } else { Err(StepFailure(format!("expected: {guide}"))) }
    }

    /// Shows the error of a call, and checks its kind, its status and the words in its message.
    pub fn expect_error<T>(
        &mut self,
        result: Result<T, Error>,
        kind: ErrorKind,
        status: Option<u16>,
        words: &[&str],
    ) -> Result<(), StepFailure> {
        let Err(error) = result else { return Err(StepFailure("expected: the call fails".into())) };
        let text = error.to_string();
        self.result("error", text.as_str());
        self.check(format_args!("{kind:?}, not {:?}", error.kind()), error.kind() == kind)?;
        let actual = error.status().map(|status| status.as_u16());
        self.check(format_args!("status {status:?}, not {actual:?}"), actual == status)?;
        words
            .iter()
            .try_for_each(|word| self.check(format_args!("the message has `{word}`: {text}"), text.contains(word)))
    }
}

impl<'a> Runner<'a> {
    /// Prints the introduction.
    pub fn start(sandbox: &'a Sandbox, out: &'a mut Output) -> io::Result<Self> {
        if !out.is_json() {
            out.line(format_args!("{BOLD}Cakemail quickstart{RESET}"))?;
            out.line("Runs the steps of the guide over real HTTP, against a sandbox in this process.")?;
            out.line(format_args!("It needs no account and no network. The sandbox is at {}.", sandbox.url()))?;
        }
        Ok(Self { sandbox, out, section: "", current: (0, "") })
    }

    /// Starts a section of the guide.
    pub fn section(&mut self, title: &'static str) -> io::Result<()> {
        self.section = title;
        if self.out.is_json() { Ok(()) } else { self.out.line(format_args!("\n{BOLD}{title}{RESET}")) }
    }

    /// Runs a step and shows it.
    pub async fn step<T>(
        &mut self,
        title: &'static str,
        run: impl AsyncFnOnce(&mut Step) -> Result<T, StepFailure>,
    ) -> Result<T, CliError> {
        self.current = (self.current.0 + 1, title);
        let before = self.sandbox.requests().len();
        let mut step = Step::default();
        let result = run(&mut step).await;
        let requests: Vec<_> = self.sandbox.requests().into_iter().skip(before).map(request_line).collect();
        let failure = result.as_ref().err().map(|failure| failure.0.as_str());
        match self.out.is_json() {
            true => self.print_json(&step, &requests, failure)?,
            false => self.show(&step, &requests, failure)?,
        }
        let number = self.current.0;
        result.map_err(|failure| CliError::Other(format!("step {number}, “{title}”: {}", failure.0)))
    }

    fn print_json(&mut self, step: &Step, requests: &[String], failure: Option<&str>) -> io::Result<()> {
        let mut object = json!({
            "step": self.current.0,
            "section": self.section,
            "title": self.current.1,
            "ok": failure.is_none(),
            "code": step.code,
            "http": requests,
            "result": step.results.iter().cloned().collect::<HashMap<_, _>>(),
        });
        if let Some(failure) = failure {
            object["failure"] = failure.into();
        }
        self.out.json(&object)
    }

    fn show(&mut self, step: &Step, requests: &[String], failure: Option<&str>) -> io::Result<()> {
        let (number, title) = self.current;
        self.out.line(format_args!("\n{number:>2}  {BOLD}{title}{RESET}"))?;
        for line in &step.code {
            self.out.line(format_args!("{INDENT}{CYAN}{line}{RESET}"))?;
        }
        for request in requests {
            self.out.line(format_args!("{INDENT}{DIM}{request}{RESET}"))?;
        }
        let width = step.results.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let mut mark = if failure.is_none() { format!("{GREEN}✓{RESET}") } else { " ".into() };
        for (name, value) in &step.results {
            for (index, line) in lines(value, WIDTH - INDENT.len() - width - 2).into_iter().enumerate() {
                let name = if index == 0 { name } else { "" };
                match name.is_empty() && line.is_empty() {
                    true => self.out.line("")?,
                    false => self.out.line(format_args!("  {mark} {DIM}{name:width$}{RESET}  {line}"))?,
                }
                mark = " ".into();
            }
        }
        for (index, line) in failure.iter().flat_map(|text| wrap(text, WIDTH - INDENT.len())).enumerate() {
            let mark = if index == 0 { "✗" } else { " " };
            self.out.line(format_args!("  {RED}{mark} {line}{RESET}"))?;
        }
        Ok(())
    }

    /// Prints the summary and what to do next.
    pub fn finish(&mut self, ok: bool) -> io::Result<()> {
        let (number, title) = self.current;
        if self.out.is_json() {
            let failed = if ok { Value::Null } else { json!({"step": number, "title": title}) };
            return self.out.json(&json!({"summary": true, "ok": ok, "steps": number, "failed": failed}));
        }
        if !ok {
            return self.out.line(format_args!("\n{RED}Step {number} failed.{RESET}"));
        }
        self.out.line(format_args!("\n{GREEN}All {number} steps passed.{RESET} Next:"))?;
        self.out.line("  cakemail send --help       send an email, with your own account")?;
        self.out.line("  cakemail sandbox           run a Cakemail server on this machine")?;
        self.out.line("  https://docs.rs/cakemail   the documentation of the Rust library")
    }
}

/// Truncates a line.
fn truncate(line: &str, width: usize) -> String {
    let line = sanitize(line);
    if line.chars().count() <= width { line } else { line.chars().take(width - 1).chain(['…']).collect() }
}

fn request_line(request: SeenRequest) -> String {
    format!("{} {} → {}", request.method, request.path, request.status)
}

/// A value as lines of text. Text with line breaks keeps them; other values are wrapped.
fn lines(value: &Value, width: usize) -> Vec<String> {
    match value {
        Value::String(text) if text.contains('\n') => text.lines().map(|line| truncate(line, width)).collect(),
        Value::String(text) => wrap(text, width),
        Value::Array(values) => {
            let words: Vec<_> = values.iter().map(|value| lines(value, usize::MAX).join(" ")).collect();
            wrap(&words.join(", "), width)
        }
        other => vec![other.to_string()],
    }
}
