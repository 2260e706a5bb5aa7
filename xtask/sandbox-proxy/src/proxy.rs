//! A running proxy.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::certificate;
use crate::{HOST, PATH, Program, Result, Variant};

/// Runs the proxy until our process ends, however it ends: then the standard input ends.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
"$@" </dev/null >output.log 2>&1 &
read -r _
kill $! 2>/dev/null
wait
"#;

/// How long the proxy may take to start.
const START: Duration = Duration::from_secs(20);

/// A port of this machine for a proxy, with a certificate.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    /// Stops before its folder is removed.
    running: Option<Running>,
    folder: TempDir,
}

#[derive(Debug)]
struct Running {
    /// The proxy stops when this ends.
    input: Option<ChildStdin>,
    keeper: Child,
}

impl Proxy {
    /// Chooses a free port and creates the certificate. The sandbox can then be started with the proxy's URL.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("cakemail-proxy-").tempdir()?;
        certificate::write(folder.path())?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Ok(Self { port, running: None, folder })
    }

    /// The address that the proxy listens on.
    pub fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The URL of the sandbox behind it.
    pub fn url(&self) -> String {
        self.url_at(HOST)
    }

    /// The URL of the sandbox behind it, with another name for this machine.
    pub fn url_at(&self, host: &str) -> String {
        format!("https://{host}:{}{PATH}", self.port)
    }

    /// The folder with its certificates.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it before a sandbox.
    ///
    /// # Errors
    /// When it does not start, with its output; or when it is not installed.
    pub fn start(&mut self, program: Program, variant: Variant, sandbox: SocketAddr) -> Result {
        let path = program.path().ok_or_else(|| format!("{} is not installed", program.name()))?;
        let arguments = program.configure(variant, self.folder(), self.port, sandbox)?;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(path).args(arguments).current_dir(self.folder());
        let mut keeper = command.process_group(0).stdin(Stdio::piped()).spawn()?;
        self.running = Some(Running { input: keeper.stdin.take(), keeper });
        let begin = Instant::now();
        while TcpStream::connect(self.addr()).is_err() {
            if begin.elapsed() > START {
                let output = fs::read_to_string(self.folder().join("output.log")).unwrap_or_default();
                return Err(format!("{} does not start:\n{output}", program.name()).into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.keeper.wait();
    }
}
