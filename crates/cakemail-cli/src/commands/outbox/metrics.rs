//! The metrics of `cakemail outbox run --metrics`, in the text format of Prometheus.

use std::net::SocketAddr;
use std::time::Duration;

use cakemail::outbox::{Counts, Outbox, WorkerStats};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::status;
use crate::error::CliError;

/// How long a scraper may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Listens on the address of `--metrics`.
pub async fn listen(addr: SocketAddr) -> Result<TcpListener, CliError> {
    let listening = TcpListener::bind(addr).await;
    listening.map_err(|error| CliError::Other(format!("--metrics: cannot listen on {addr}: {error}")))
}

/// Serves the metrics of the ledger and of the worker, one scraper at a time. Never returns.
pub async fn serve(listener: &TcpListener, outbox: &Outbox, worker: &WorkerStats) {
    loop {
        match listener.accept().await {
            // A scraper that goes away has no consequence.
            Ok((stream, _)) => drop(tokio::time::timeout(TIMEOUT, respond(stream, outbox, worker)).await),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await, // such as too many open files
        }
    }
}

async fn respond(stream: TcpStream, outbox: &Outbox, worker: &WorkerStats) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let is_metrics = line.starts_with("GET /metrics ");
    while !line.trim_end().is_empty() {
        line.clear();
        stream.read_line(&mut line).await?;
    }
    let (status, body) = match is_metrics {
        false => ("404 Not Found", "the metrics are at /metrics\n".to_owned()),
        true => match outbox.counts().await {
            Ok(counts) => ("200 OK", render(&counts, worker)),
            Err(_) => ("503 Service Unavailable", "the ledger cannot be read\n".to_owned()),
        },
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await?;
    stream.flush().await
}

fn render(counts: &Counts, worker: &WorkerStats) -> String {
    let label = |name: &str, value: &str| format!("{{{name}=\"{value}\"}}");
    let one = |value: f64| vec![(String::new(), value)];
    let count = |value: u64| value as f64;
    let states = status::states().map(|state| (label("state", state), count(status::count(counts, state))));
    let results = [
        ("accepted", worker.accepted()),
        ("refused", worker.refused()),
        ("not_sent", worker.not_sent()),
        ("lost", worker.lost()),
    ];
    let results = results.map(|(result, number)| (label("result", result), count(number)));
    let families = [
        ("emails", "gauge", "Emails in the ledger, by state.", states.collect()),
        (
            "oldest_due_seconds",
            "gauge",
            "How long the email that was due first has been due; 0 if none is.",
            one(counts.oldest_due.unwrap_or_default().as_secs_f64()),
        ),
        (
            "accepted_last_minute",
            "gauge",
            "Emails of the ledger that were accepted in the last minute.",
            one(count(counts.accepted_last_minute)),
        ),
        (
            "worker_in_flight",
            "gauge",
            "Emails that this worker is sending or looking up.",
            one(count(worker.in_flight())),
        ),
        ("worker_results_total", "counter", "What this worker's submissions and searches came to.", results.to_vec()),
        ("worker_searches_total", "counter", "This worker's searches of the logs.", one(count(worker.looks()))),
        (
            "worker_failed_transactions_total",
            "counter",
            "This worker's transactions that the database did not commit.",
            one(count(worker.failed_ticks())),
        ),
        (
            "worker_holds_total",
            "counter",
            "How many times this worker held back submissions, because the server could not decide about any.",
            one(count(worker.holds())),
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, values) in families {
        text += &format!("# HELP cakemail_outbox_{name} {help}\n# TYPE cakemail_outbox_{name} {kind}\n");
        text.extend(values.into_iter().map(|(labels, value)| format!("cakemail_outbox_{name}{labels} {value}\n")));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cakemail::outbox::{Counts, WorkerStats};

    #[test]
    fn the_metrics_have_every_state() {
        let mut counts = Counts::default();
        counts.by_state.insert("parked", 2);
        counts.oldest_due = Some(Duration::from_millis(1500));
        insta::assert_snapshot!(super::render(&counts, &WorkerStats::default()));
    }
}
