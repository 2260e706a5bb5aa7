//! Starts sandboxes in processes of their own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use crate::Result;

/// A sandbox that is killed on drop.
pub struct Process {
    child: Child,
    pub url: String,
    /// How long it took to start, from `Builder::start` to its return.
    pub start: Duration,
}

impl Process {
    pub fn start(data: Option<&Path>) -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(file) = data {
            command.arg("--data").arg(file);
        }
        let mut child = command.spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the sandbox has no output")?).read_line(&mut line)?;
        let (url, micros) = line.trim().split_once(' ').ok_or("the sandbox did not start")?;
        Ok(Self { url: url.to_owned(), start: Duration::from_micros(micros.parse()?), child })
    }

    /// Its resident memory, in bytes.
    pub fn resident(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The peak of its resident memory, in bytes.
    pub fn peak(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    /// Forgets the peak so far.
    pub fn reset_peak(&self) -> Result {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    fn status(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let line = line.ok_or_else(|| format!("no {name} in the status of the process"))?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
