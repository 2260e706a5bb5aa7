//! `cakemail outbox run`: sends what is due, until it is stopped.

use cakemail::outbox::Outbox;
use cakemail::{Client, ErrorKind};

use super::{metrics, status};
use crate::args::{Global, Run};
use crate::connection::connect_worker;
use crate::error::CliError;
use crate::output::Output;
use crate::signals;

pub async fn run(args: Run, outbox: Outbox, global: &Global, out: &mut Output) -> Result<(), CliError> {
    let signal = signals::stop()?;
    let client = connect_worker(global, args.in_flight.saturating_add(16))?;
    check_credentials(&client).await?;
    let listener = match args.metrics {
        Some(addr) => Some(metrics::listen(addr).await?),
        None => None,
    };
    let mut worker = outbox.worker(&client).in_flight(args.in_flight);
    if let Some(rate) = args.rate {
        worker = worker.rate(rate);
    }
    if !out.is_json() {
        let addr = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        let metrics = addr.map(|addr| format!(" Metrics: http://{addr}/metrics.")).unwrap_or_default();
        out.line(format_args!("The worker runs. Ctrl-C stops it after the emails in flight.{metrics}"))?;
    }
    let stats = worker.stats();
    let metrics = async {
        match &listener {
            Some(listener) => metrics::serve(listener, &outbox, &stats).await,
            None => std::future::pending().await,
        }
    };
    let work = async {
        match args.until_empty {
            true => worker.run_until_empty(signal).await,
            false => worker.run(signal).await,
        }
    };
    tokio::select! {
        stopped = work => stopped?,
        () = metrics => {}
    }
    status::show(&outbox.counts().await?, out)
}

/// Credentials that the server rejects are an error at the start. If it cannot be reached, the worker tries again.
async fn check_credentials(client: &Client) -> Result<(), CliError> {
    match client.authenticate().await {
        Err(error) if matches!(error.kind(), ErrorKind::Authentication | ErrorKind::Configuration) => Err(error.into()),
        _ => Ok(()),
    }
}
