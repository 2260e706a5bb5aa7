//! Measures a drain: workers over a SQLite file, and an API in memory that takes 20 ms.
//!
//! `cargo run -p cakemail-outbox --features sqlite --example measure-drain -- EMAILS WORKERS`

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cakemail_client::{Client, Credentials, IdempotencyKey};
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, ListId};
use cakemail_outbox::{Outbox, OutboxEmail};
use cakemail_transport::{Request, Response, Transport, TransportError};

/// Accepts every email after 20 ms.
#[derive(Debug, Clone, Default)]
struct Api(Arc<AtomicU64>);

#[async_trait]
impl Transport for Api {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let id = self.0.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"submitted":true,"data":{{"id":"{id}","status":"queued"}}}}"#);
        let mut response = Response::new(body.into());
        *response.status_mut() = cakemail_transport::http::StatusCode::CREATED;
        Ok(response)
    }

    fn holds_send_by(&self) -> bool {
        true
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|number| number.parse()).collect::<Result<_, _>>()?;
    let [emails, workers] = numbers[..] else { return Err("give the numbers of emails and of workers".into()) };
    let folder = tempfile::tempdir()?;
    let outbox = Outbox::open(folder.path().join("outbox.db")).await?;
    let content = Content::html("Your receipt", "<p>Thank you.</p>".repeat(60));
    let numbers: Vec<usize> = (0..emails).collect();
    for numbers in numbers.chunks(1000) {
        let email = |number: &usize| {
            let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", content.clone());
            Ok(OutboxEmail::new(IdempotencyKey::new(&format!("order-{number}"))?, email))
        };
        outbox.enqueue_all(&numbers.iter().map(email).collect::<Result<Vec<_>, cakemail_model::FieldError>>()?).await?;
    }
    let api = Api::default();
    let client = Client::builder().credentials(Credentials::access_token("any")).transport(api.clone()).build()?;
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut running = tokio::task::JoinSet::new();
    let mut stats = Vec::new();
    for _ in 0..workers {
        let worker = outbox.worker(&client);
        stats.push(worker.stats());
        running.spawn(worker.run_until_empty(pending()));
    }
    while api.0.load(Ordering::Relaxed) < emails as u64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let time = start.elapsed().as_secs_f64();
    while let Some(result) = running.join_next().await {
        result??;
    }
    let ticks: u64 = stats.iter().map(cakemail_outbox::WorkerStats::ticks).sum();
    println!(
        "emails={emails} workers={workers} seconds={time:.2} per_second={:.0} ticks_per_email={:.4} cpu_us_per_email={:.0} {}",
        emails as f64 / time,
        ticks as f64 / emails as f64,
        (cpu_seconds() - cpu) * 1e6 / emails as f64,
        memory(),
    );
    Ok(())
}

/// The most memory that this process has used.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .map(|line| line.replace(char::is_whitespace, ""))
        .unwrap_or_default()
}

/// The processor time of this process, in seconds, where a clock tick is 10 ms.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.split_whitespace().skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
