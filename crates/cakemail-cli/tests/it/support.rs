//! The command, and sandboxes to run it against.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use cakemail::sandbox::Sandbox;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// The password of the sandboxes, which must never be seen.
pub const PASSWORD: &str = "hunter2 & c/o";

/// The command, without anything from the environment of whoever runs the tests.
pub fn cakemail(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cakemail"));
    for variable in ["CAKEMAIL_EMAIL", "CAKEMAIL_PASSWORD", "CAKEMAIL_ACCESS_TOKEN", "CAKEMAIL_API_BASE"] {
        command.env_remove(variable);
    }
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    /// Ended well.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Each line of the standard output as JSON.
    pub fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The error as JSON: the last line.
    pub fn error(&self) -> Value {
        serde_json::from_str(self.stderr.lines().last().unwrap()).unwrap()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Runs it without credentials.
pub fn run(args: &[&str]) -> Ended {
    Ended::of(&mut cakemail(args))
}

/// A `cakemail sandbox` of its own process.
pub struct Process {
    pub child: Child,
    pub url: String,
    pub stdout: BufReader<ChildStdout>,
}

impl Process {
    pub fn start(args: &[&str]) -> Self {
        let args = [&["sandbox", "--listen", "127.0.0.1:0", "--password", PASSWORD], args].concat();
        let mut child = cakemail(&args).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.strip_prefix("Cakemail sandbox listening on ").unwrap().strip_suffix('\n').unwrap();
        Self { child, url: url.to_owned(), stdout }
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        run_at(&self.url, args)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A sandbox in this process, which can be looked into.
pub struct InProcess {
    pub sandbox: Sandbox,
    _runtime: Runtime,
}

impl InProcess {
    pub fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let builder = Sandbox::builder().account("sandbox@example.com", PASSWORD);
        let sandbox = runtime.block_on(builder.start()).unwrap();
        Self { sandbox, _runtime: runtime }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        signed_in(self.sandbox.url(), args)
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        Ended::of(&mut self.command(args))
    }

    /// A confirmed sender's id and a list's.
    pub fn sender_and_list(&self) -> (String, String) {
        let sender = self.run(&["--json", "senders", "create", "Ada", "sandbox@example.com"]).ok();
        let lists = self.run(&["--json", "lists"]).ok();
        (sender.json()[0]["id"].as_str().unwrap().to_owned(), lists.json()[0]["id"].to_string())
    }
}

/// The command with the credentials of a sandbox.
pub fn signed_in(url: &str, args: &[&str]) -> Command {
    let mut command = cakemail(args);
    command.env("CAKEMAIL_API_BASE", url).env("CAKEMAIL_EMAIL", "sandbox@example.com");
    command.env("CAKEMAIL_PASSWORD", PASSWORD);
    command
}

pub fn run_at(url: &str, args: &[&str]) -> Ended {
    Ended::of(&mut signed_in(url, args))
}
