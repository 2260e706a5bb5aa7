//! Runs the `cakemail sandbox` command, and sends requests to it.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::{Result, files, run};

/// The default email address and password of the sandbox.
pub const LOGIN: (&str, &str) = ("sandbox@example.com", "sandbox-password");

/// Builds the command with the check of its own responses.
pub fn build() -> Result {
    let mut cargo = run::cargo(&files::root());
    run::run(
        cargo
            .args(["build", "--quiet", "--package", "cakemail-cli", "--package", "cakemail-sandbox"])
            .args(["--features", "cakemail-sandbox/self-check"]),
    )
}

/// A running sandbox. It stops when this is dropped.
pub struct Sandbox {
    process: Child,
    /// The process stops when this is closed.
    _output: BufReader<ChildStdout>,
    url: String,
}

impl Sandbox {
    /// Starts it on a free port.
    pub fn start() -> Result<Self> {
        let program = env::current_exe()?.with_file_name(format!("cakemail{}", env::consts::EXE_SUFFIX));
        let mut process =
            Command::new(program).args(["sandbox", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().ok_or("cannot read the output of the sandbox")?);
        output.read_line(&mut line)?;
        match line.trim_end().rsplit(' ').next() {
            Some(url) if url.starts_with("http://") => Ok(Self { process, _output: output, url: url.to_owned() }),
            _ => Err(format!("cannot start the sandbox: {line}").into()),
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn get(&self, path: &str) -> Result<Value> {
        self.send("GET", path, "", "application/json", "")
    }

    pub fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.send("POST", path, token, "application/json", &body.to_string())
    }

    /// Sends a request and returns the JSON of a 2xx response.
    pub fn send(&self, method: &str, path: &str, token: &str, content_type: &str, body: &str) -> Result<Value> {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host)?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let (head, body) = response.split_once("\r\n\r\n").unwrap_or_default();
        if !head.starts_with("HTTP/1.1 20") {
            return Err(format!("{method} {path}: {response}").into());
        }
        Ok(serde_json::from_str(body)?)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // A failure means that the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
