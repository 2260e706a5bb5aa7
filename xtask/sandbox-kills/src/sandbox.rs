//! Runs `cakemail sandbox --data FILE` as a process.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Result;
use crate::client::Client;

/// The file of the sandbox, in a temporary folder.
pub struct DataFile {
    _folder: TempDir,
    pub path: PathBuf,
    /// The last token, for a sandbox that can issue none.
    token: Mutex<String>,
}

impl DataFile {
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("sandbox.jsonl");
        Ok(Self { _folder: folder, path, token: Mutex::default() })
    }

    /// Whether the sandbox that was killed was writing its successor.
    pub fn is_being_replaced(&self) -> bool {
        self.path.with_extension("jsonl.new").exists()
    }
}

/// A running sandbox. Dropping it kills it.
pub struct Sandbox {
    process: Mutex<Child>,
    /// The process would end if this were closed.
    _output: BufReader<ChildStdout>,
    pub client: Client,
    pub started_in: Duration,
}

impl Sandbox {
    pub fn start(file: &DataFile) -> Result<Self> {
        Self::spawn(Command::new(program()?), file)
    }

    /// Starts it where no file may have more than this many KiB, as if the disk were full.
    pub fn start_limited(file: &DataFile, kib: u64) -> Result<Self> {
        let mut shell = Command::new("bash");
        // Without the trap, the signal of the limit would end the process.
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"")]).arg(program()?);
        Self::spawn(shell, file)
    }

    fn spawn(mut command: Command, file: &DataFile) -> Result<Self> {
        let begin = Instant::now();
        command.args(["sandbox", "--listen", "127.0.0.1:0", "--memory", "4096", "--data"]).arg(&file.path);
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().ok_or("cannot read the output of the sandbox")?);
        output.read_line(&mut line)?;
        let started_in = begin.elapsed();
        let addr = line.trim_end().rsplit("http://").next().unwrap_or_default().parse();
        let addr = addr.map_err(|_| format!("the sandbox did not start: {line}"))?;
        let mut client = Client { addr, token: String::new() };
        let form = "username=sandbox%40example.com&password=sandbox-password";
        let token = client.send("POST", "/token", "application/x-www-form-urlencoded", form)?;
        let mut last = file.token.lock().unwrap_or_else(PoisonError::into_inner);
        if token.status == 200 {
            token.expect(200)?["access_token"].as_str().unwrap_or_default().clone_into(&mut last);
        }
        client.token.clone_from(&last);
        Ok(Self { process: Mutex::new(process), _output: output, client, started_in })
    }

    /// Kills it, at once.
    pub fn kill(&self) -> Result {
        Ok(self.process().kill()?)
    }

    /// Waits until it has ended.
    pub fn wait(&self) -> Result {
        self.process().wait()?;
        Ok(())
    }

    /// Asks it to stop, and waits until it has ended well.
    pub fn stop(&self) -> Result {
        let id = self.process().id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let status = self.process().wait()?;
        if status.success() { Ok(()) } else { Err(format!("the sandbox ended with {status}").into()) }
    }

    fn process(&self) -> MutexGuard<'_, Child> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = self.wait();
    }
}

/// The command, which was built beside this program.
fn program() -> Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name(format!("cakemail{}", env::consts::EXE_SUFFIX)))
}
