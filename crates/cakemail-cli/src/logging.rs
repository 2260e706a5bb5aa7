//! The log of `-v` on stderr: each attempt of each call, and the reason for a retry. It holds no secret, no body and no
//! address.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. Level 1 logs calls; level 2 also logs the connections beneath them.
pub fn start(verbose: u8) {
    let others = match verbose {
        0 => return,
        1 => LevelFilter::WARN,
        _ => LevelFilter::DEBUG,
    };
    let filter = Targets::new().with_default(others).with_target("cakemail", LevelFilter::DEBUG);
    let color = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_ansi(color)
        .with_target(verbose > 1)
        .with_span_events(FmtSpan::CLOSE);
    tracing_subscriber::registry().with(lines).with(filter).init();
}
