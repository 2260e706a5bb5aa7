//! Runs the command, and sandboxes for it to talk to.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use cakemail::sandbox::Sandbox;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The user of every sandbox.
pub const EMAIL: &str = "ada@example.com";
/// The user's password, which no output may contain.
pub const PASSWORD: &str = "hunter2 & c/o";

/// The command, without the credentials in the environment of the tests.
pub fn cakemail(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cakemail"));
    for variable in [
        "CAKEMAIL_EMAIL",
        "CAKEMAIL_PASSWORD",
        "CAKEMAIL_ACCESS_TOKEN",
        "CAKEMAIL_API_BASE",
        "CAKEMAIL_OUTBOX",
        "CAKEMAIL_SANDBOX_CONTROL_TOKEN",
    ] {
        command.env_remove(variable);
    }
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The command with the credentials of a sandbox.
pub fn signed_in(url: &str, args: &[&str]) -> Command {
    let mut command = cakemail(args);
    command.env("CAKEMAIL_API_BASE", url).env("CAKEMAIL_EMAIL", EMAIL).env("CAKEMAIL_PASSWORD", PASSWORD);
    command
}

/// Runs the command without credentials.
pub fn run(args: &[&str]) -> Finished {
    Finished::of(&mut cakemail(args))
}

/// The exit code and the output of a command.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    /// Checks that the command has succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Each line of stdout as JSON.
    pub fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The last line of stderr, the error, as JSON.
    pub fn error(&self) -> Value {
        serde_json::from_str(self.stderr.lines().last().unwrap()).unwrap()
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A running `cakemail sandbox`, in a temporary folder.
pub struct SandboxProcess {
    pub child: Child,
    pub url: String,
    /// Stays open, because the process writes to it.
    pub stdout: BufReader<ChildStdout>,
    folder: TempDir,
}

impl SandboxProcess {
    /// Starts it with these arguments. Where they have none, it gets a free port and the tests' user.
    pub fn start(args: &[&str]) -> Self {
        let mut args = args.to_vec();
        for (name, value) in [("--listen", "127.0.0.1:0"), ("--account", EMAIL), ("--password", PASSWORD)] {
            if !args.contains(&name) {
                args.extend([name, value]);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let mut child = cakemail(&[&["sandbox"], &args[..]].concat()).current_dir(&folder).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.strip_prefix("Cakemail sandbox listening on ").unwrap().trim_end().to_owned();
        Self { child, url, stdout, folder }
    }

    /// Runs the command in the sandbox's folder.
    pub fn run(&self, args: &[&str]) -> Finished {
        Finished::of(signed_in(&self.url, args).current_dir(&self.folder))
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A sandbox in the test's own process, whose state the test can read and change.
pub struct LocalSandbox {
    pub sandbox: Sandbox,
    _runtime: Runtime,
}

impl LocalSandbox {
    pub fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::builder().account(EMAIL, PASSWORD).start()).unwrap();
        Self { sandbox, _runtime: runtime }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        signed_in(self.sandbox.url(), args)
    }

    pub fn run(&self, args: &[&str]) -> Finished {
        Finished::of(&mut self.command(args))
    }

    /// The IDs of a confirmed sender and of a list.
    pub fn sender_and_list(&self) -> (String, String) {
        let sender = self.run(&["--json", "senders", "create", "Ada", EMAIL]).ok();
        let lists = self.run(&["--json", "lists"]).ok();
        (sender.json()[0]["id"].as_str().unwrap().to_owned(), lists.json()[0]["id"].to_string())
    }
}
