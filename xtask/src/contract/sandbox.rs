//! The `cakemail sandbox` command, and the least of an HTTP client for it.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::{Result, files, run};

/// The email address and the password of its account, unless it is told otherwise.
pub const LOGIN: (&str, &str) = ("sandbox@example.com", "sandbox-password");

/// Builds the command, so that it validates its own answers as well.
pub fn build() -> Result {
    let mut cargo = run::cargo(&files::root());
    run::run(
        cargo
            .args(["build", "--quiet", "--package", "cakemail-cli", "--package", "cakemail-sandbox"])
            .args(["--features", "cakemail-sandbox/self-check"]),
    )
}

/// One that runs, until it is dropped.
pub struct Sandbox {
    process: Child,
    /// It ends when nobody listens to it any more.
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
        let mut output = BufReader::new(process.stdout.take().ok_or("its output cannot be read")?);
        output.read_line(&mut line)?;
        match line.trim_end().rsplit(' ').next() {
            Some(url) if url.starts_with("http://") => Ok(Self { process, _output: output, url: url.to_owned() }),
            _ => Err(format!("the sandbox did not start: {line}").into()),
        }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn get(&self, path: &str) -> Result<Value> {
        self.ask("GET", path, "", "application/json", "")
    }

    pub fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.ask("POST", path, token, "application/json", &body.to_string())
    }

    /// The JSON of a success.
    pub fn ask(&self, method: &str, path: &str, token: &str, content_type: &str, body: &str) -> Result<Value> {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host)?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        if !head.starts_with("HTTP/1.1 20") {
            return Err(format!("{method} {path}: {answer}").into());
        }
        Ok(serde_json::from_str(body)?)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It has ended already when it cannot be ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
