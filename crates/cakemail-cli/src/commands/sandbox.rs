//! `sandbox`: an offline Cakemail on this machine, until it is stopped.

use std::error::Error;
use std::io;
use std::path::Path;

use cakemail::sandbox::{Builder, Clock, Sandbox, StartError};
use serde_json::json;

use crate::args;
use crate::error::CliError;
use crate::output::{self, Output};

pub async fn run(args: args::Sandbox, out: &mut Output) -> Result<(), CliError> {
    let stop = stop().map_err(|error| CliError::Other(format!("signals cannot be listened for: {error}")))?;
    let mut builder = Sandbox::builder()
        .listen(args.listen)
        .account(args.email, args.password)
        .clock(Clock::scaled(args.clock_scale))
        .memory(usize::try_from(args.memory).unwrap_or(usize::MAX).saturating_mul(1024 * 1024));
    builder = args.receivers.into_iter().fold(builder, Builder::allow_webhooks_to);
    let kept = args.data.clone();
    if let Some(file) = args.data {
        builder = builder.data(file);
    }
    if args.allow_non_loopback {
        builder = builder.allow_non_loopback();
    }
    let sandbox = builder.start().await.map_err(refused)?;
    // Programs wait for this line, as it is.
    out.line(format_args!("Cakemail sandbox listening on http://{}", sandbox.addr()))?;
    match out.is_json() {
        true => out.object(&json!({"url": sandbox.url(), "email": sandbox.email()}))?,
        false => usage(&sandbox, kept.as_deref(), out)?,
    }
    stop.await;
    sandbox.close().await;
    Ok(())
}

fn usage(sandbox: &Sandbox, kept: Option<&Path>, out: &mut Output) -> io::Result<()> {
    let (url, email, password) = (sandbox.url(), quoted(sandbox.email()), quoted(sandbox.password()));
    let heading = |text: &str| format!("\n{}{text}{}", output::BOLD, output::RESET);
    match kept {
        Some(file) => out.line(format_args!(
            "Nothing leaves this machine; {} keeps what it knows. Ctrl-C stops it.",
            file.display()
        ))?,
        None => out.line("Nothing leaves this machine, and nothing is kept. Ctrl-C stops it.")?,
    }
    out.line(heading("To look at, in a browser"))?;
    out.line(format_args!("  {url}/"))?;
    out.line(heading("For the command and your programs"))?;
    out.line(format_args!("  export CAKEMAIL_API_BASE={url}"))?;
    out.line(format_args!("  export CAKEMAIL_EMAIL={email} CAKEMAIL_PASSWORD={password}"))?;
    out.line(heading("For curl: a token"))?;
    out.line(format_args!("  curl {url}/token -d grant_type=password \\"))?;
    out.line(format_args!("    --data-urlencode username={email} \\"))?;
    out.line(format_args!("    --data-urlencode password={password}"))?;
    out.line(heading("For programs, besides the API"))?;
    out.line(format_args!("  {url}/openapi.json             the API"))?;
    out.line(format_args!("  {url}/_sandbox/openapi.json    to look inside, to wait, to let things go wrong"))?;
    out.line(heading("A recipient's name decides what happens to the email"))?;
    out.line("  delivered@ opened@ clicked@ bounced@ soft-bounced@ complained@")?;
    out.line("  unsubscribed@ rejected@ error@ stuck@, at any domain")
}

/// For a shell: in quotes when it needs them.
fn quoted(text: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "@.-_+".contains(it);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn refused(error: StartError) -> CliError {
    let cause = error.source().map(|cause| cause.to_string()).unwrap_or_default();
    match error {
        StartError::NotLoopback(addr) => CliError::usage(format!(
            "--listen {addr} can be reached from other machines: listen on 127.0.0.1, or add --allow-non-loopback"
        )),
        StartError::Listen { addr, source } if source.kind() == io::ErrorKind::AddrInUse => CliError::Other(format!(
            "{addr} is in use already: stop what listens there, or give --listen another port (0: any free one)"
        )),
        StartError::Listen { addr, .. } => CliError::Other(format!("--listen {addr} is not possible: {cause}")),
        StartError::Data { file, .. } => CliError::Other(format!("--data {} cannot be used: {cause}", file.display())),
        other => CliError::Other(other.to_string()),
    }
}

/// Returns when the user, or the system, wants it to stop. Listens from now on.
#[cfg(unix)]
fn stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(std::future::poll_fn(move |context| {
        let stopped = interrupt.poll_recv(context).is_ready() || terminate.poll_recv(context).is_ready();
        if stopped { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    }))
}

/// Returns when the user wants it to stop. Listens from now on.
#[cfg(windows)]
fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_what_was_meant() {
        assert_eq!(quoted("me+x@example.com"), "me+x@example.com");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
