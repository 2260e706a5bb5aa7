//! A runner: steps that are numbered, shown as they are taken, and checked.

use std::collections::HashMap;
use std::fmt::Display;
use std::io;

use cakemail::sandbox::{Sandbox, SeenRequest};
use cakemail::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::output::{BOLD, CYAN, DIM, GREEN, Output, RED, RESET, plain, wrapped};

/// How long a line may be.
const WIDTH: usize = 80;
/// What stands before a step's lines.
const MARGIN: &str = "    ";

/// Steps through a sandbox, one after the other.
pub struct Runner<'a> {
    pub sandbox: &'a Sandbox,
    out: &'a mut Output,
    section: &'static str,
    /// The last step's number and title.
    last: (u32, &'static str),
}

/// What a step does, and what comes back.
#[derive(Default)]
pub struct Step {
    code: Vec<String>,
    /// In the order in which it is shown.
    result: Vec<(&'static str, Value)>,
}

/// Why a step did not do what it should.
#[derive(Debug)]
pub struct StepFailure(String);

impl From<Error> for StepFailure {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// Shows a line of Rust as a part of a step, and runs it.
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

    /// Shows what came back.
    pub fn result(&mut self, name: &'static str, value: impl Into<Value>) {
        self.result.push((name, value.into()));
    }

    /// Holds the step against what the guide says.
    pub fn check(&self, guide: impl Display, holds: bool) -> Result<(), StepFailure> {
        if holds { Ok(()) } else { Err(StepFailure(format!("the guide says: {guide}"))) }
    }

    /// Shows the error that a mistake leads to, which must be of this kind and say these words.
    pub fn expect_error<T>(
        &mut self,
        answer: Result<T, Error>,
        kind: ErrorKind,
        status: Option<u16>,
        words: &[&str],
    ) -> Result<(), StepFailure> {
        let Err(error) = answer else { return Err(StepFailure("the guide says: this fails".into())) };
        let text = error.to_string();
        self.result("error", text.as_str());
        self.check(format_args!("{kind:?}, not {:?}", error.kind()), error.kind() == kind)?;
        let answered = error.status().map(|status| status.as_u16());
        self.check(format_args!("status {status:?}, not {answered:?}"), answered == status)?;
        words
            .iter()
            .try_for_each(|word| self.check(format_args!("`{word}`, which is not in: {text}"), text.contains(word)))
    }
}

impl<'a> Runner<'a> {
    /// Begins, and says where.
    pub fn begin(sandbox: &'a Sandbox, out: &'a mut Output) -> io::Result<Self> {
        if !out.is_json() {
            out.line(format_args!("{BOLD}Cakemail quickstart{RESET}"))?;
            out.line("The guide's steps over real HTTP, to a sandbox in this process. No account, no")?;
            out.line(format_args!("network: nothing leaves this machine. It is at {}.", sandbox.url()))?;
        }
        Ok(Self { sandbox, out, section: "", last: (0, "") })
    }

    /// Begins a section, which the guide calls so.
    pub fn section(&mut self, title: &'static str) -> io::Result<()> {
        self.section = title;
        if self.out.is_json() { Ok(()) } else { self.out.line(format_args!("\n{BOLD}{title}{RESET}")) }
    }

    /// Takes a step and shows it.
    pub async fn step<T>(
        &mut self,
        title: &'static str,
        act: impl AsyncFnOnce(&mut Step) -> Result<T, StepFailure>,
    ) -> Result<T, CliError> {
        self.last = (self.last.0 + 1, title);
        let before = self.sandbox.requests().len();
        let mut step = Step::default();
        let answer = act(&mut step).await;
        let requests: Vec<_> = self.sandbox.requests().into_iter().skip(before).map(request).collect();
        let failure = answer.as_ref().err().map(|failure| failure.0.as_str());
        match self.out.is_json() {
            true => self.object(&step, &requests, failure)?,
            false => self.show(&step, &requests, failure)?,
        }
        let number = self.last.0;
        answer.map_err(|failure| CliError::Other(format!("step {number}, “{title}”: {}", failure.0)))
    }

    fn object(&mut self, step: &Step, requests: &[String], failure: Option<&str>) -> io::Result<()> {
        let mut object = json!({
            "step": self.last.0,
            "section": self.section,
            "title": self.last.1,
            "ok": failure.is_none(),
            "code": step.code,
            "http": requests,
            "result": step.result.iter().cloned().collect::<HashMap<_, _>>(),
        });
        if let Some(failure) = failure {
            object["failure"] = failure.into();
        }
        self.out.object(&object)
    }

    fn show(&mut self, step: &Step, requests: &[String], failure: Option<&str>) -> io::Result<()> {
        let (number, title) = self.last;
        self.out.line(format_args!("\n{number:>2}  {BOLD}{title}{RESET}"))?;
        for line in &step.code {
            self.out.line(format_args!("{MARGIN}{CYAN}{line}{RESET}"))?;
        }
        for request in requests {
            self.out.line(format_args!("{MARGIN}{DIM}{request}{RESET}"))?;
        }
        let width = step.result.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let mut mark = if failure.is_none() { format!("{GREEN}✓{RESET}") } else { " ".into() };
        for (name, value) in &step.result {
            for (index, line) in lines(value, WIDTH - MARGIN.len() - width - 2).into_iter().enumerate() {
                let name = if index == 0 { name } else { "" };
                match name.is_empty() && line.is_empty() {
                    true => self.out.line("")?,
                    false => self.out.line(format_args!("  {mark} {DIM}{name:width$}{RESET}  {line}"))?,
                }
                mark = " ".into();
            }
        }
        for (index, line) in failure.iter().flat_map(|it| wrapped(it, WIDTH - MARGIN.len())).enumerate() {
            let mark = if index == 0 { "✗" } else { " " };
            self.out.line(format_args!("  {RED}{mark} {line}{RESET}"))?;
        }
        Ok(())
    }

    /// Ends, and says how it went and what to do next.
    pub fn end(&mut self, ok: bool) -> io::Result<()> {
        let (number, title) = self.last;
        if self.out.is_json() {
            let failed = if ok { Value::Null } else { json!({"step": number, "title": title}) };
            return self.out.object(&json!({"summary": true, "ok": ok, "steps": number, "failed": failed}));
        }
        if !ok {
            return self.out.line(format_args!("\n{RED}Step {number} did not do what the guide says.{RESET}"));
        }
        self.out.line(format_args!("\n{GREEN}All {number} steps did what the guide says.{RESET} Next:"))?;
        self.out.line("  cakemail send --help       with CAKEMAIL_EMAIL and CAKEMAIL_PASSWORD set")?;
        self.out.line("  cakemail sandbox           a Cakemail on this machine, for any client")?;
        self.out.line("  https://docs.rs/cakemail   the library, from the five-line send to tests")
    }
}

/// As much of a line as fits.
fn clipped(line: &str, width: usize) -> String {
    let line = plain(line);
    if line.chars().count() <= width { line } else { line.chars().take(width - 1).chain(['…']).collect() }
}

fn request(request: SeenRequest) -> String {
    format!("{} {} → {}", request.method, request.path, request.status)
}

/// A value as lines of text: what has line breaks keeps them, all else is broken where it is too long.
fn lines(value: &Value, width: usize) -> Vec<String> {
    match value {
        Value::String(text) if text.contains('\n') => text.lines().map(|line| clipped(line, width)).collect(),
        Value::String(text) => wrapped(text, width),
        Value::Array(values) => {
            let words: Vec<_> = values.iter().map(|it| lines(it, usize::MAX).join(" ")).collect();
            wrapped(&words.join(", "), width)
        }
        other => vec![other.to_string()],
    }
}
