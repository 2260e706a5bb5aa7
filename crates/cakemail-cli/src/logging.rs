//! What `-v` shows on stderr: each attempt of each call, and why another follows. Never a secret, a body or an address.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts to show it: once for the calls, twice for what lies beneath them, too.
pub fn start(verbose: u8) {
    let beneath = match verbose {
        0 => return,
        1 => LevelFilter::WARN,
        _ => LevelFilter::DEBUG,
    };
    let shown = Targets::new().with_default(beneath).with_target("cakemail", LevelFilter::DEBUG);
    let color = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_ansi(color)
        .with_target(verbose > 1)
        .with_span_events(FmtSpan::CLOSE);
    tracing_subscriber::registry().with(lines).with(shown).init();
}
