//! Rust text as rustfmt leaves it, so that generated files read as any other.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::{Result, files};

/// The text as `cargo fmt` would write it.
pub fn rustfmt(text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet", "--config-path"])
        .arg(files::root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt: {error}"))?;
    child.stdin.take().ok_or("rustfmt has no standard input")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("rustfmt does not accept the generated text:\n{text}").into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
