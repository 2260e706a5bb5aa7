//! Runs other programs.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Result;

/// The cargo that runs this task, in a folder.
pub fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder);
    cargo
}

/// Git in a folder.
pub fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder);
    git
}

/// Prints a command and runs it.
pub fn run(command: &mut Command) -> Result {
    println!("$ {}", command_line(command));
    let status = command.status().map_err(|error| format!("{}: {error}", command_line(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", command_line(command)).into()) }
}

/// Runs a command and returns its stdout. The error has its stderr.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("{}: {error}", command_line(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}` failed: {}", command_line(command), stderr.trim()).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// Builds a package of this workspace.
pub fn build(package: &str) -> Result {
    run(cargo(&crate::files::root()).args(["build", "--quiet", "--package", package]))
}

/// Builds and runs a program of this workspace, which prints its own errors.
pub fn program(package: &str, build: &[&str], arguments: &[String]) -> Result {
    let mut cargo = cargo(&crate::files::root());
    cargo.args(["run", "--quiet", "--package", package]).args(build).arg("--").args(arguments);
    if cargo.status()?.success() { Ok(()) } else { Err(format!("{package} failed").into()) }
}

fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}
