//! The processes of a run: one server, and a worker for each client.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::clients::Kind;
use crate::{Result, tls};

/// A process that is told lines and answers with lines of numbers. It ends with this value.
struct Process {
    child: Child,
    told: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        // Whatever proxy the machine has: everyone goes straight.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let told = child.stdin.take();
        let said = child.stdout.take().ok_or("the process has no output")?;
        Ok(Self { child, told, said: BufReader::new(said) })
    }

    fn tell(&mut self, line: &str) -> Result<Vec<u64>> {
        let told = self.told.as_mut().ok_or("the process has been told all")?;
        writeln!(told, "{line}")?;
        self.hear()
    }

    fn hear(&mut self) -> Result<Vec<u64>> {
        let mut line = String::new();
        if self.said.read_line(&mut line)? == 0 {
            return Err("a process of the run has failed".into());
        }
        Ok(line.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.told.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server, and where it is.
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
        let port = process.hear()?.first().copied().ok_or("the server names no port")?;
        Ok(Self { process, port, tls })
    }

    /// How many emails it has accepted.
    pub fn emails(&mut self) -> Result<u64> {
        Ok(self.process.tell("count")?.first().copied().ok_or("the server has no count")?)
    }

    /// The command line of a worker, after the program's name.
    fn worker(&self, command: &mut Command, kind: Kind, threads: Option<usize>) {
        command.args(["worker", kind.word(), "--port", &self.port.to_string()]);
        if let Some(folder) = &self.tls {
            command.arg("--tls").arg(folder.path());
        }
        if let Some(threads) = threads {
            command.args(["--threads", &threads.to_string()]);
        }
    }
}

/// A client at work.
pub struct Worker(Process);

/// What a run took.
#[derive(Clone, Copy)]
pub struct Took {
    pub cpu: Duration,
    pub time: Duration,
}

impl Worker {
    pub fn start(server: &Server, kind: Kind, threads: Option<usize>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        server.worker(&mut command, kind, threads);
        Ok(Self(Process::start(&mut command)?))
    }

    /// Sends so many emails, and has the server confirm the count.
    pub fn run(&mut self, server: &mut Server, emails: u64, in_flight: usize, core: usize) -> Result<Took> {
        let before = server.emails()?;
        let took = self.0.tell(&format!("run {emails} {in_flight} {core}"))?;
        confirm(server, before, emails)?;
        let &[cpu, time] = &took[..] else { return Err("a worker does not say what it took".into()) };
        Ok(Took { cpu: Duration::from_nanos(cpu), time: Duration::from_nanos(time) })
    }

    /// Sends emails from a stream; the peak of its memory, in bytes.
    pub fn bulk(&mut self, server: &mut Server, emails: u64, in_flight: usize) -> Result<u64> {
        let before = server.emails()?;
        let peak = self.0.tell(&format!("bulk {emails} {in_flight}"))?;
        confirm(server, before, emails)?;
        Ok(peak.first().copied().ok_or("a worker does not say its peak")?)
    }

    /// Sends an email with a file attached; the peak of its memory, in bytes.
    pub fn attach(&mut self, file: &Path) -> Result<u64> {
        let peak = self.0.tell(&format!("attach {}", file.display()))?;
        Ok(peak.first().copied().ok_or("a worker does not say its peak")?)
    }
}

fn confirm(server: &mut Server, before: u64, emails: u64) -> Result {
    let accepted = server.emails()? - before;
    if accepted == emails { Ok(()) } else { Err(format!("{emails} emails were sent, {accepted} accepted").into()) }
}

/// Sends so many emails under a tool of valgrind's; what the tool says.
pub fn valgrind(server: &Server, kind: Kind, emails: u64, tool: &[&str]) -> Result<String> {
    let mut command = Command::new("valgrind");
    command.args(tool).arg(std::env::current_exe()?).stderr(Stdio::piped());
    server.worker(&mut command, kind, None);
    let mut process = Process::start(&mut command).map_err(|error| format!("valgrind is needed for this: {error}"))?;
    process.tell(&format!("run {emails} 1 0"))?;
    drop(process.told.take());
    let mut said = String::new();
    process.child.stderr.take().ok_or("valgrind is silent")?.read_to_string(&mut said)?;
    if process.child.wait()?.success() { Ok(said) } else { Err(format!("valgrind failed: {said}").into()) }
}
