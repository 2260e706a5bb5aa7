//! The signals that stop a command.

use crate::error::CliError;

/// Listens for the signals from now on. The future ends at the first of them: SIGINT or SIGTERM, or Ctrl-C on Windows.
pub fn stop() -> Result<impl Future<Output = ()>, CliError> {
    listen().map_err(|error| CliError::Other(format!("cannot listen for signals: {error}")))
}

#[cfg(unix)]
fn listen() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(std::future::poll_fn(move |context| {
        let stopped = interrupt.poll_recv(context).is_ready() || terminate.poll_recv(context).is_ready();
        if stopped { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    }))
}

#[cfg(windows)]
fn listen() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
