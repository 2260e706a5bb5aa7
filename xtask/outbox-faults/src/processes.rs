//! The processes of a run: this program, with another command. A process ends when its standard input does.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Result;

/// A running process. It is killed when this is dropped.
pub struct Process {
    pub name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    pid: Pid,
    /// Since when it is known to be stopped.
    pub stopped: Option<Instant>,
    /// Whether its sessions in PostgreSQL were ended: one that was about to begin could not.
    pub is_cut_off: bool,
}

impl Process {
    /// Starts this program with these arguments.
    pub fn start(name: &str, arguments: &[String]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        Self::spawn(name, command)
    }

    /// Starts this program on a disk that is full: no file can grow beyond this size in bytes.
    pub fn start_limited(name: &str, arguments: &[String], size: u64) -> Result<Self> {
        // Without the trap, a write beyond the limit kills the process. The limit is in units of 512 bytes.
        let script = r#"trap '' XFSZ; ulimit -f "$0" && exec "$@""#;
        let mut command = Command::new("sh");
        command.args(["-c", script, &(size / 512).to_string()]).arg(std::env::current_exe()?).args(arguments);
        Self::spawn(name, command)
    }

    fn spawn(name: &str, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).ok_or("the process has no id")?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        Ok(Self { name: name.to_owned(), child, stdin, stdout, pid, stopped: None, is_cut_off: false })
    }

    pub fn signal(&self, signal: Signal) -> Result {
        Ok(kill_process(self.pid, signal)?)
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Result<Option<End>> {
        Ok(self.child.try_wait()?.map(End::of))
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> Result<End> {
        drop(self.stdin.take());
        Ok(End::of(self.child.wait().await?))
    }

    /// The lines that it prints.
    pub fn lines(&mut self) -> Result<Lines<BufReader<ChildStdout>>> {
        use tokio::io::AsyncBufReadExt;
        Ok(BufReader::new(self.stdout.take().ok_or("the lines are read already")?).lines())
    }

    /// Whether it is stopped now.
    pub fn is_stopped(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid.as_raw_nonzero())).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    /// The files that it has open.
    pub fn open_files(&self) -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(format!("/proc/{}/fd", self.pid.as_raw_nonzero()))?;
        // It may close one meanwhile.
        Ok(entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok()).collect())
    }

    /// The processor time that it has used.
    pub fn cpu_time(&self) -> Option<Duration> {
        cpu_time(&self.pid.as_raw_nonzero().to_string())
    }

    /// The peak of its memory in bytes.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid.as_raw_nonzero())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    }
}

/// The processor time that a process has used: `self` is this one.
pub fn cpu_time(process: &str) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let times = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().ok());
    // In units of 10 ms on every Linux.
    Some(Duration::from_millis(times.sum::<Option<u64>>()? * 10))
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It has done its work.
    Done,
    /// It was killed by a signal.
    Killed,
    /// It gave up.
    Failed,
}

impl End {
    fn of(status: std::process::ExitStatus) -> Self {
        match status.code() {
            Some(0) => Self::Done,
            Some(_) => Self::Failed,
            None => Self::Killed,
        }
    }
}

/// Waits until the parent process closes our standard input.
pub async fn stdin_closed() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // Reading it blocks, and the runtime would wait for that when it ends.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = sender.send(());
    });
    let _ = receiver.await;
}
