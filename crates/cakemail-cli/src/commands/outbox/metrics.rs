//! The metrics of `cakemail outbox run --metrics`, in the text format of Prometheus.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use cakemail::outbox::{Counts, Outbox};
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

/// Serves the metrics of the ledger, one scraper at a time. Never returns.
pub async fn serve(listener: &TcpListener, outbox: &Outbox) {
    loop {
        match listener.accept().await {
            // A scraper that goes away has no consequence.
            Ok((stream, _)) => drop(tokio::time::timeout(TIMEOUT, respond(stream, outbox)).await),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await, // such as too many open files
        }
    }
}

async fn respond(stream: TcpStream, outbox: &Outbox) -> std::io::Result<()> {
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
            Ok(counts) => ("200 OK", render(&counts)),
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

fn render(counts: &Counts) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, values: &mut dyn Iterator<Item = (String, f64)>| {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "# HELP cakemail_outbox_{name} {help}\n# TYPE cakemail_outbox_{name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "cakemail_outbox_{name}{labels} {value}");
        }
    };
    let mut states =
        status::states().map(|state| (format!("{{state=\"{state}\"}}"), status::count(counts, state) as f64));
    gauge("emails", "Emails in the ledger, by state.", &mut states);
    let oldest = counts.oldest_due.unwrap_or_default().as_secs_f64();
    let help = "How long the email that was due first has been due; 0 if none is.";
    gauge("oldest_due_seconds", help, &mut std::iter::once((String::new(), oldest)));
    let accepted = counts.accepted_last_minute as f64;
    let help = "Emails that were accepted in the last minute.";
    gauge("accepted_last_minute", help, &mut std::iter::once((String::new(), accepted)));
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cakemail::outbox::Counts;

    #[test]
    fn the_metrics_have_every_state() {
        let mut counts = Counts::default();
        counts.by_state.insert("parked", 2);
        counts.oldest_due = Some(Duration::from_millis(1500));
        insta::assert_snapshot!(super::render(&counts));
    }
}
