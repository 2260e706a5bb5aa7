//! A cluster of three servers on free ports of the loopback address, in a temporary folder.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::{self, Context};
use tempfile::TempDir;

use crate::Result;

/// Three servers. They are killed when this is dropped.
pub struct Cluster {
    servers: BTreeMap<String, Child>,
    urls: Vec<String>,
    _folder: TempDir,
}

impl Cluster {
    /// Starts the servers. `None`, with a line, if the program is not installed.
    ///
    /// # Panics
    /// With `CI=true` if it is not installed.
    pub fn start() -> Result<Option<Self>> {
        let Some(program) = program() else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "nats-server is not installed");
            println!("not run: nats-server is not installed");
            return Ok(None);
        };
        let folder = TempDir::new()?;
        let ports = free_ports::<6>()?;
        let (clients, routes) = ports.split_at(3);
        let all_routes = routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect::<Vec<_>>().join(", ");
        let mut servers = BTreeMap::new();
        for (index, (client, route)) in clients.iter().zip(routes).enumerate() {
            let name = format!("server-{index}");
            let (store, file) = (folder.path().join(&name), folder.path().join(format!("{name}.conf")));
            fs::write(
                &file,
                format!(
                    "server_name: {name}\nlisten: 127.0.0.1:{client}\njetstream {{ store_dir: {store:?} }}\n\
                     cluster {{ name: outbox, listen: 127.0.0.1:{route}, routes: [{all_routes}] }}\n"
                ),
            )?;
            let log = fs::File::create(folder.path().join(format!("{name}.log")))?;
            let server = Command::new(&program).arg("-c").arg(&file).stdout(Stdio::null()).stderr(log).spawn()?;
            servers.insert(name, server);
        }
        let urls = clients.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        Ok(Some(Self { servers, urls, _folder: folder }))
    }

    /// Connects to any server, and to another one when that dies.
    pub async fn connect(&self) -> Result<Context> {
        let options = ConnectOptions::new().retry_on_initial_connect().request_timeout(Some(Duration::from_secs(2)));
        Ok(jetstream::new(options.connect(&self.urls).await?))
    }

    /// Repeats something until the cluster has a leader and can do it.
    pub async fn ready<T>(&self, mut attempt: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        let mut tries = 0;
        loop {
            match attempt().await {
                Err(_) if tries < 100 => tries += 1,
                result => return result,
            }
        }
    }

    /// Kills a server, as the end of its machine does.
    pub fn kill(&mut self, name: &str) -> Result {
        let mut server = self.servers.remove(name).ok_or("there is no server with this name")?;
        server.kill()?;
        server.wait()?;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for server in self.servers.values_mut() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// The program in `PATH`, or where Debian installs it.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nats-server")).find(|program| program.is_file())
}

/// Ports that are free now: all are open at once, so that they differ.
fn free_ports<const N: usize>() -> Result<Vec<u16>> {
    let listeners = (0..N).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<std::io::Result<Vec<_>>>()?;
    let ports = listeners.iter().map(|listener| Ok(listener.local_addr()?.port()));
    ports.collect()
}
