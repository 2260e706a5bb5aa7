//! The log of `-v` on stderr: each attempt of each call, and the reason for a retry. It holds no secret, no body and no
//! address.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. Level 1 logs calls; level 2 also logs the connections beneath them. A worker logs its failures at
/// level 0 too.
pub fn start(verbose: u8, is_worker: bool) {
    let filter = match verbose {
        0 if is_worker => Targets::new().with_target("cakemail_outbox", LevelFilter::WARN),
        0 => return,
        1 => Targets::new().with_default(LevelFilter::WARN).with_target("cakemail", LevelFilter::DEBUG),
        _ => Targets::new().with_default(LevelFilter::DEBUG),
    };
    let color = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_ansi(color)
        .with_target(verbose > 1)
        .with_span_events(FmtSpan::CLOSE);
    tracing_subscriber::registry().with(lines).with(filter).init();
}
