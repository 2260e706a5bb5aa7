//! chromedriver, and the browsers that it starts, each with a new profile.

use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::Result;
use crate::net_log;
use crate::page::Page;
use crate::test_bed::http;

const INSTALL: &str = "on Debian, `apt-get install chromium chromium-driver`";

/// The browser sends only the pages' requests and resolves no external name. The name of the hostile emails' trap server
/// resolves to this machine.
const FLAGS: [&str; 16] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--ignore-certificate-errors", // the authority of a test's proxy is its own
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=AutofillServerCommunication,OptimizationHints",
    "--window-size=1280,900",
    "--host-resolver-rules=MAP trap.invalid trap.localhost, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE trap.localhost",
];

/// A running chromedriver; dropping it ends the process.
pub struct Driver {
    base: String,
    http: reqwest::Client,
    _process: Child,
    /// Kept open: the process ends when its output is closed.
    _output: ChildStdout,
}

impl Driver {
    pub async fn start() -> Result<Self> {
        let mut command = Command::new("chromedriver");
        command.args(["--port=0", "--log-level=SEVERE"]).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process =
            command.spawn().map_err(|error| format!("chromedriver cannot be started: {INSTALL} ({error})"))?;
        let mut output = BufReader::new(process.stdout.take().ok_or("chromedriver has no output")?);
        let port: u16 = loop {
            let mut line = String::new();
            if output.read_line(&mut line).await? == 0 {
                return Err("chromedriver ended before it was ready".into());
            }
            if let Some((_, port)) = line.trim_end().trim_end_matches('.').rsplit_once("started successfully on port ")
            {
                break port.parse()?;
            }
        };
        Ok(Self {
            base: format!("http://127.0.0.1:{port}"),
            http: http()?,
            _process: process,
            _output: output.into_inner(),
        })
    }

    /// Starts a browser with an empty page.
    pub async fn page(&self) -> Result<Page> {
        let folder = TempDir::new()?;
        let flags = FLAGS.map(str::to_owned).into_iter().chain([
            format!("--user-data-dir={}", folder.path().join("profile").display()),
            format!("--log-net-log={}", net_log::file(folder.path()).display()),
        ]);
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "unhandledPromptBehavior": "ignore",
            "timeouts": {"script": 60_000, "pageLoad": 30_000},
            "goog:chromeOptions": {"args": flags.collect::<Vec<_>>()},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let page = Page::open(self.http.clone(), &self.base, &capabilities, folder).await;
        page.map_err(|error| format!("the browser cannot be started: {INSTALL} ({error})").into())
    }
}
