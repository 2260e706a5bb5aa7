//! A server that this process starts.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

use crate::Result;

/// Runs the server until its standard input ends, which it does when our process ends, however it ends.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
"$BIN/initdb" -D "$DIR/data" -U cakemail -A trust -E UTF8 --locale=C --no-sync >"$DIR/initdb.log" 2>&1 || exit 1
printf '%s\n' "$SETTINGS" >>"$DIR/data/postgresql.conf"
"$BIN/pg_ctl" -D "$DIR/data" -l "$DIR/server.log" -w -t 60 start </dev/null >"$DIR/start.log" 2>&1 || exit 1
echo started
read -r _
"$BIN/pg_ctl" -D "$DIR/data" -m immediate stop </dev/null >/dev/null 2>&1
cd /
rm -rf "$DIR"
"#;

/// A server in a temporary folder.
#[derive(Debug)]
pub struct Local {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    /// The server stops when this ends.
    input: Option<ChildStdin>,
    keeper: Child,
}

impl Local {
    /// Starts a server with these settings, such as `fsync=off`. `None` if PostgreSQL is not installed.
    ///
    /// # Errors
    /// When it does not start, with the end of its log.
    pub fn start(settings: &[&str]) -> Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("cakemail-postgres-").tempdir()?;
        own(folder.path())?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let own = [format!("port={port}"), "listen_addresses='127.0.0.1'".into(), "unix_socket_directories=''".into()];
        let settings = own.iter().map(String::as_str).chain(settings.iter().copied()).collect::<Vec<_>>().join("\n");
        let mut command = shell(SCRIPT, &programs, folder.path(), user());
        command.env("SETTINGS", settings).process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn()?;
        let (input, output) = (keeper.stdin.take(), keeper.stdout.take());
        let mut line = String::new();
        BufReader::new(output.ok_or("no output")?).read_line(&mut line)?;
        if line.trim() != "started" {
            keeper.wait()?;
            return Err(logs(folder.path()).into());
        }
        Ok(Some(Self { programs, folder, port, input, keeper }))
    }

    /// The URL of its first database.
    pub fn url(&self) -> String {
        format!("postgres://cakemail@127.0.0.1:{}/postgres", self.port)
    }

    /// Restarts it as after a crash: transactions that have not committed are gone, and every connection breaks. Blocks.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn crash(&self) -> Result<()> {
        let restart =
            r#""$BIN/pg_ctl" -D "$DIR/data" -l "$DIR/server.log" -m immediate -w -t 60 restart >/dev/null 2>&1"#;
        let status = shell(restart, &self.programs, self.folder.path(), user()).stdin(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(logs(self.folder.path()).into()) }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.keeper.wait();
    }
}

/// The user `nobody`, as almost every system has it.
const NOBODY: u32 = 65534;

/// Who runs the server: PostgreSQL does not run as root. `None` for us.
fn user() -> Option<u32> {
    rustix::process::geteuid().is_root().then_some(NOBODY)
}

/// Gives a file to the user who runs the server, such as its private key.
///
/// # Errors
/// When the system refuses.
pub fn own(path: &Path) -> std::io::Result<()> {
    user().map_or(Ok(()), |user| std::os::unix::fs::chown(path, Some(user), Some(user)))
}

fn shell(script: &str, programs: &Path, folder: &Path, user: Option<u32>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("BIN", programs).env("DIR", folder).current_dir(folder).stderr(Stdio::null());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command
}

/// The folder with the programs of the newest installed version.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    if let Some(folder) = std::env::split_paths(&path).find(installed) {
        return Some(folder);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let version = |entry: &std::fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let mut versions: Vec<(u32, PathBuf)> =
        versions.filter_map(|entry| Some((version(&entry)?, entry.path().join("bin")))).collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, folder)| folder).find(installed)
}

/// The ends of the logs in the folder.
fn logs(folder: &Path) -> String {
    let end = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    };
    ["initdb.log", "start.log", "server.log"].map(end).join("\n")
}
