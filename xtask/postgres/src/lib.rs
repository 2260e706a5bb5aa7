//! A PostgreSQL server for tests: on a free port of the loopback address, in a temporary folder. It stops when the process
//! ends, however it ends.
//!
//! The programs of PostgreSQL are found in `PATH` or where Debian installs them. `CAKEMAIL_TEST_POSTGRES` names a running
//! server instead, by a URL with a database that may create others.

mod local;
mod url;

pub use local::{Local, own};

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;

/// A result of this crate.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// A server that tests share, each with a database of its own.
#[derive(Debug)]
pub struct Server {
    url: String,
    local: Option<Local>,
}

impl Server {
    /// The server of this process. Returns `None` and prints a line when there is none.
    ///
    /// # Panics
    /// With `CI=true` when there is none, and when it does not start.
    #[expect(clippy::panic, reason = "only tests use this crate")]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        // Nothing here outlives a crash of the machine, and tests create many databases.
        let start = || Self::start(&["fsync=off", "max_connections=300"]);
        let shared =
            SHARED.get_or_init(|| start().unwrap_or_else(|error| panic!("PostgreSQL does not start: {error}")));
        if shared.is_none() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "PostgreSQL is not installed");
            println!("not run: PostgreSQL is not installed");
        }
        shared.as_ref()
    }

    /// The server that `CAKEMAIL_TEST_POSTGRES` names, or a new one with these settings. `None` if PostgreSQL is not
    /// installed.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(settings: &[&str]) -> Result<Option<Self>> {
        if let Ok(url) = std::env::var("CAKEMAIL_TEST_POSTGRES") {
            return Ok(Some(Self { url, local: None }));
        }
        let Some(local) = Local::start(settings)? else { return Ok(None) };
        Ok(Some(Self { url: local.url(), local: Some(local) }))
    }

    /// The server's process, if it is ours: it can be restarted.
    pub fn local(&self) -> Option<&Local> {
        self.local.as_ref()
    }

    /// Creates an empty database. Returns its URL.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn database(&self) -> Result<String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("create database {name} template template0")).await?;
        Ok(url::with_database(&self.url, &name))
    }

    /// Executes statements in the server's own database.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await?;
        drop(client);
        connection.await??;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[tokio::test]
    async fn a_crash_keeps_what_was_committed_and_the_server_stops_when_it_is_dropped() {
        let Some(server) = Server::start(&[]).unwrap() else {
            println!("not run: PostgreSQL is not installed");
            return;
        };
        server.execute("create table kept (id int)").await.unwrap();
        let Some(local) = server.local() else { return };
        local.crash().unwrap();
        server.execute("insert into kept values (1)").await.unwrap();
        let url = local.url();
        drop(server);
        assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
    }
}
