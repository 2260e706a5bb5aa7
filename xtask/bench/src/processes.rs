//! The processes of a run: the server, and a worker for each client.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::clients::Kind;
use crate::{Result, tls};

/// A process that reads commands, one per line, and answers each with a line of numbers. It is killed on drop.
struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        // All clients connect directly.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or("the process has no output")?;
        Ok(Self { child, stdin, stdout: BufReader::new(stdout) })
    }

    fn command(&mut self, line: &str) -> Result<Vec<u64>> {
        let stdin = self.stdin.as_mut().ok_or("the stdin of the process is closed")?;
        writeln!(stdin, "{line}")?;
        self.read_numbers()
    }

    fn read_numbers(&mut self) -> Result<Vec<u64>> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            return Err("a process of the run has ended".into());
        }
        Ok(line.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server and its port.
pub struct Server {
    process: Process,
    port: u64,
    tls: Option<TempDir>,
}

impl Server {
    pub fn start(https: bool) -> Result<Self> {
        let tls = https.then(TempDir::new).transpose()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("server");
        if let Some(folder) = &tls {
            tls::write(folder.path())?;
            command.arg("--tls").arg(folder.path());
        }
        let mut process = Process::start(&mut command)?;
        let port = process.read_numbers()?.first().copied().ok_or("the server printed no port")?;
        Ok(Self { process, port, tls })
    }

    /// The number of accepted emails.
    pub fn emails(&mut self) -> Result<u64> {
        Ok(self.process.command("count")?.first().copied().ok_or("the server printed no count")?)
    }

    /// Adds the arguments of a worker.
    fn add_worker_args(&self, command: &mut Command, kind: Kind, threads: Option<usize>) {
        command.args(["worker", kind.name(), "--port", &self.port.to_string()]);
        if let Some(folder) = &self.tls {
            command.arg("--tls").arg(folder.path());
        }
        if let Some(threads) = threads {
            command.args(["--threads", &threads.to_string()]);
        }
    }
}

/// A process that sends with one of the clients.
pub struct Worker(Process);

/// The cost of a run.
#[derive(Clone, Copy)]
pub struct Cost {
    pub cpu: Duration,
    pub time: Duration,
}

impl Worker {
    pub fn start(server: &Server, kind: Kind, threads: Option<usize>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        server.add_worker_args(&mut command, kind, threads);
        Ok(Self(Process::start(&mut command)?))
    }

    /// Sends this many emails, and checks the count of the server.
    pub fn run(&mut self, server: &mut Server, emails: u64, in_flight: usize, core: usize) -> Result<Cost> {
        let before = server.emails()?;
        let cost = self.0.command(&format!("run {emails} {in_flight} {core}"))?;
        check_count(server, before, emails)?;
        let &[cpu, time] = &cost[..] else { return Err("the worker printed no cost".into()) };
        Ok(Cost { cpu: Duration::from_nanos(cpu), time: Duration::from_nanos(time) })
    }

    /// Sends emails from a stream; returns the peak memory in bytes.
    pub fn bulk(&mut self, server: &mut Server, emails: u64, in_flight: usize) -> Result<u64> {
        let before = server.emails()?;
        let peak = self.0.command(&format!("bulk {emails} {in_flight}"))?;
        check_count(server, before, emails)?;
        Ok(peak.first().copied().ok_or("the worker printed no peak")?)
    }

    /// Sends an email with a file attached; returns the peak memory in bytes.
    pub fn attach(&mut self, file: &Path) -> Result<u64> {
        let peak = self.0.command(&format!("attach {}", file.display()))?;
        Ok(peak.first().copied().ok_or("the worker printed no peak")?)
    }
}

fn check_count(server: &mut Server, before: u64, emails: u64) -> Result {
    let accepted = server.emails()? - before;
    if accepted == emails { Ok(()) } else { Err(format!("{emails} emails were sent, {accepted} accepted").into()) }
}

/// Sends this many emails under a valgrind tool; returns the output of the tool.
pub fn valgrind(server: &Server, kind: Kind, emails: u64, tool: &[&str]) -> Result<String> {
    let mut command = Command::new("valgrind");
    command.args(tool).arg(std::env::current_exe()?).stderr(Stdio::piped());
    server.add_worker_args(&mut command, kind, None);
    let mut process = Process::start(&mut command).map_err(|error| format!("cannot run valgrind: {error}"))?;
    process.command(&format!("run {emails} 1 0"))?;
    drop(process.stdin.take());
    let mut output = String::new();
    process.child.stderr.take().ok_or("valgrind has no stderr")?.read_to_string(&mut output)?;
    if process.child.wait()?.success() { Ok(output) } else { Err(format!("valgrind failed: {output}").into()) }
}
