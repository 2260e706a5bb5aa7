//! One sandbox for all tests of a process.

use std::fmt;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::thread;

use tokio::runtime;
use tokio::sync::{OnceCell, oneshot};

use super::builder::StartError;
use super::context::App;
use super::sandbox::Sandbox;
use super::tenant::Tenant;

/// The sandbox that all tests of this process share. [`Sandbox::shared`] returns it.
///
/// It gives out tenants only: a test can do nothing to it that another test would see.
#[derive(Clone)]
pub struct SharedSandbox {
    pub(super) app: Arc<App>,
}

static SHARED: OnceCell<SharedSandbox> = OnceCell::const_new();

impl Sandbox {
    /// The sandbox that all tests of this process share. The first call starts it, with the defaults. It runs on a
    /// thread of its own, so it outlives the runtime of the test that started it, and it ends with the process.
    ///
    /// ```
    /// use cakemail_sandbox::Sandbox;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let tenant = Sandbox::shared().await?.tenant();
    /// println!("point a client at {} as {}", tenant.url(), tenant.email());
    /// assert!(tenant.emails().is_empty());
    /// # Ok::<(), cakemail_sandbox::StartError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// When no port can be listened on, or the thread cannot start. The next call tries again.
    pub async fn shared() -> Result<SharedSandbox, StartError> {
        SHARED.get_or_try_init(start).await.cloned()
    }
}

impl SharedSandbox {
    /// The base URL for a client.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.base
    }

    /// Creates an account with a list and a confirmed sender, for one test.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        Tenant::create(&self.app)
    }
}

impl fmt::Debug for SharedSandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSandbox").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// Starts a sandbox on a thread of its own.
async fn start() -> Result<SharedSandbox, StartError> {
    let (started, result) = oneshot::channel();
    let run = move || match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(serve(started)),
        Err(error) => drop(started.send(Err(StartError::Thread(error)))),
    };
    thread::Builder::new().name("cakemail-sandbox".into()).spawn(run).map_err(StartError::Thread)?;
    result.await.unwrap_or_else(|_| Err(StartError::Thread(io::Error::other("the thread has ended"))))
}

/// Runs a sandbox for ever, unless the caller that waits for it has been dropped.
async fn serve(started: oneshot::Sender<Result<SharedSandbox, StartError>>) {
    match Sandbox::start().await {
        Ok(sandbox) => {
            if started.send(Ok(sandbox.share())).is_ok() {
                pending().await
            }
        }
        Err(error) => drop(started.send(Err(error))),
    }
}
