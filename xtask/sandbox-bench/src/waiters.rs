//! What clients that wait cost the ones that send.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::Result;
use crate::client::Client;
use crate::fill::{Ids, fill};
use crate::process::Process;

/// Emails that are stored before.
const STORED: usize = 10_000;
/// Clients that wait for words.
const WAITERS: usize = 50;
/// Emails that are sent meanwhile.
const SENDS: usize = 50;
/// Rounds of sends; the figure is their median.
const ROUNDS: usize = 9;

/// The time that all sends of a round take.
pub struct Waiting {
    pub without: Duration,
    pub with: Duration,
}

pub async fn measure() -> Result<Waiting> {
    let process = Process::start(None)?;
    let mut client = Client::connect(&process.url).await?;
    let ids = Ids::create(&mut client).await?;
    fill(&mut client, &ids, 0, STORED).await?;
    let without = rounds(&mut client, &ids, STORED).await?;
    let mut waiting = Vec::new();
    for waiter in 0..WAITERS {
        let mut client = Client::connect(&process.url).await?;
        let condition = json!({"q": format!("hello warehouse absent{waiter}"), "timeout_ms": 600_000});
        waiting.push(tokio::spawn(async move { client.post("/_sandbox/wait", &condition).await.map(drop) }));
    }
    // Their requests are on their way before this one.
    client.get("/_sandbox/health").await?;
    let with = rounds(&mut client, &ids, STORED + ROUNDS * SENDS).await?;
    for waiter in waiting {
        if waiter.is_finished() {
            waiter.await??;
            return Err("a client that waits for words was answered before its time".into());
        }
    }
    Ok(Waiting { without, with })
}

async fn rounds(client: &mut Client, ids: &Ids, first: usize) -> Result<Duration> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let started = Instant::now();
        for n in 0..SENDS {
            client.post("/v2/emails", &ids.email(first + round * SENDS + n)).await?;
        }
        times.push(started.elapsed());
    }
    Ok(crate::curves::median(times))
}
