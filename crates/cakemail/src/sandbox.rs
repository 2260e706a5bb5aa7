//! The offline Cakemail of `cakemail-sandbox`, and clients for it.

pub use cakemail_sandbox::*;

use crate::{Client, Credentials, Result};

/// Builds clients that are signed in to a sandbox.
///
/// ```
/// use cakemail::sandbox::{Sandbox, SandboxClient};
///
/// # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await?;
/// let client = sandbox.client()?;
/// assert_eq!(client.senders().list(Default::default()).all().await?.len(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait SandboxClient {
    /// Builds a client that is signed in to this account: the default account of a [`Sandbox`], or a [`Tenant`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when neither the `reqwest` nor the `hyper` feature
    /// is enabled.
    fn client(&self) -> Result<Client>;
}

impl SandboxClient for Sandbox {
    fn client(&self) -> Result<Client> {
        signed_in(self.url(), self.email(), self.password())
    }
}

impl SandboxClient for Tenant {
    fn client(&self) -> Result<Client> {
        signed_in(self.url(), self.email(), self.password())
    }
}

fn signed_in(url: &str, email: &str, password: &str) -> Result<Client> {
    Client::builder().base_url(url).credentials(Credentials::password(email, password)).build()
}
