//! `cakemail sandbox --check`: asks a running sandbox whether it is ready, for the health check of a container.

use std::time::Duration;

use cakemail::HyperTransport;
use cakemail::transport::{Body, Settings, Transport, http};

use crate::error::{CliError, chain};

/// How long the sandbox may take.
const TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(url: &str) -> Result<(), CliError> {
    let failed = |reason: String| CliError::Other(format!("the sandbox at {url} is not ready: {reason}"));
    let request = http::Request::get(format!("{}/_sandbox/health/ready", url.trim_end_matches('/')));
    let request = request.body(Body::empty()).map_err(|error| CliError::usage(format!("--check {url}: {error}")))?;
    let transport = HyperTransport::with_settings(Settings::new().no_proxy());
    let transport = transport.map_err(|error| failed(chain(&error)))?;
    match tokio::time::timeout(TIMEOUT, transport.send(request)).await {
        Ok(Ok(response)) if response.status().is_success() => Ok(()),
        Ok(Ok(response)) => Err(failed(format!("it responds with status {}", response.status().as_u16()))),
        Ok(Err(error)) => Err(failed(chain(&error))),
        Err(_) => Err(failed(format!("it does not respond within {} seconds", TIMEOUT.as_secs()))),
    }
}
