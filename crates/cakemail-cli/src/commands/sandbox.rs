//! `cakemail sandbox`: runs an offline Cakemail server until it is stopped.

mod check;

use std::error::Error;
use std::io;
use std::path::Path;

use cakemail::sandbox::{Builder, Clock, Sandbox, StartError};
use serde_json::json;

use crate::args;
use crate::error::CliError;
use crate::output::{self, Output};
use crate::signals;

pub async fn run(args: args::Sandbox, out: &mut Output) -> Result<(), CliError> {
    if let Some(url) = args.check {
        return check::run(&url).await;
    }
    let stop = signals::stop()?;
    let mut builder = Sandbox::builder()
        .listen(args.listen)
        .account(args.email, args.password)
        .clock(Clock::scaled(args.clock_scale))
        .keep(usize::try_from(args.keep).unwrap_or(usize::MAX))
        .memory(usize::try_from(args.memory).unwrap_or(usize::MAX).saturating_mul(1024 * 1024));
    builder = args.receivers.into_iter().fold(builder, Builder::allow_webhooks_to);
    builder = args.origins.into_iter().fold(builder, Builder::allow_origin);
    builder = args.hosts.into_iter().fold(builder, Builder::allow_host);
    if let Some(url) = args.public_url {
        builder = builder.public_url(url);
    }
    if let Some(token) = args.control_token {
        builder = builder.control_token(token);
    }
    if args.private {
        builder = builder.private();
    }
    let data = args.data.clone();
    if let Some(file) = args.data {
        builder = builder.data(file);
    }
    if args.allow_non_loopback {
        builder = builder.allow_non_loopback();
    }
    let sandbox = builder.start().await.map_err(start_error)?;
    match out.is_json() {
        true => out.json(&json!({"url": sandbox.url(), "listen": sandbox.addr(), "email": sandbox.email()}))?,
        false => usage(&sandbox, data.as_deref(), out)?,
    }
    stop.await;
    sandbox.close().await;
    Ok(())
}

fn usage(sandbox: &Sandbox, data: Option<&Path>, out: &mut Output) -> io::Result<()> {
    let (url, email, password) = (sandbox.url(), shell_quote(sandbox.email()), shell_quote(sandbox.password()));
    let heading = |text: &str| format!("\n{}{text}{}", output::BOLD, output::RESET);
    // Programs wait for this line, so it does not change.
    out.line(format_args!("Cakemail sandbox listening on {url}"))?;
    match data {
        Some(file) => {
            out.line(format_args!("The data is in {}. Nothing leaves this machine. Stop with Ctrl-C.", file.display()))?
        }
        None => out.line("The data is in memory. Nothing leaves this machine. Stop with Ctrl-C.")?,
    }
    out.line(heading("Inbox, in a browser"))?;
    out.line(format_args!("  {url}/"))?;
    out.line(heading("Environment for the cakemail command and your programs"))?;
    out.line(format_args!("  export CAKEMAIL_API_BASE={url}"))?;
    out.line(format_args!("  export CAKEMAIL_EMAIL={email} CAKEMAIL_PASSWORD={password}"))?;
    out.line(heading("An access token, with curl"))?;
    out.line(format_args!("  curl {url}/token -d grant_type=password \\"))?;
    out.line(format_args!("    --data-urlencode username={email} \\"))?;
    out.line(format_args!("    --data-urlencode password={password}"))?;
    out.line(heading("OpenAPI documents"))?;
    out.line(format_args!("  {url}/openapi.json             the Cakemail API"))?;
    out.line(format_args!("  {url}/_sandbox/openapi.json    control of the sandbox: inspection, clock, faults"))?;
    out.line(heading("The recipient's address decides what happens to an email"))?;
    out.line("  delivered@ opened@ clicked@ bounced@ soft-bounced@ complained@")?;
    out.line("  unsubscribed@ rejected@ error@ stuck@, at any domain")
}

/// Quotes a word for a shell, where needed.
fn shell_quote(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "@.-_+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn start_error(error: StartError) -> CliError {
    let cause = error.source().map(|cause| cause.to_string()).unwrap_or_default();
    match error {
        StartError::NotLoopback(addr) => CliError::usage(format!(
            "--listen {addr} accepts connections from other machines: use 127.0.0.1, or add --allow-non-loopback"
        )),
        StartError::Setting { setting, reason } => {
            CliError::usage(format!("--{}: {reason}", setting.replace('_', "-")))
        }
        StartError::Listen { addr, source } if source.kind() == io::ErrorKind::AddrInUse => CliError::Other(format!(
            "{addr} is already in use: stop the program that listens there, or choose another port with --listen (0: any free port)"
        )),
        StartError::Listen { addr, .. } => CliError::Other(format!("cannot listen on {addr}: {cause}")),
        StartError::Data { file, .. } => CliError::Other(format!("cannot use --data {}: {cause}", file.display())),
        other => CliError::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::shell_quote;

    #[test]
    fn a_word_with_special_characters_is_quoted() {
        assert_eq!(shell_quote("me+x@example.com"), "me+x@example.com");
        assert_eq!(shell_quote("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(shell_quote(""), "''");
    }
}
