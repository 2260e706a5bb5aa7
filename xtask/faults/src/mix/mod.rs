//! Many sends under a random mix of faults, on both transports, TCP and TLS, and both kinds of runtime. Each report is
//! compared with the ledger.

mod batch;
mod calls;
mod plan;
mod tally;
mod watchdog;

use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Result;
use crate::test_bed::TransportKind;
use batch::{Batch, Flavour};
use cakemail_faults::proxy::Security;
use calls::Mode;
use tally::Tally;

/// The largest batch. Its sandbox keeps all its emails.
const LARGEST: usize = 2_500;
/// Batches that run at the same time, since each waits for its last timeouts.
const CONCURRENT: usize = 4;
/// Sends between two lines of progress.
const PROGRESS: usize = 10_000;

/// Makes this many sends, half of them over each transport.
pub async fn run(sends: usize, seed: u64) -> Result<Tally> {
    let started = Instant::now();
    let mut tally = Tally::default();
    let batches = stream::iter(batches(sends, seed))
        .map(|batch| async move { batch::run(batch).await.map_err(|error| format!("{batch:?}: {error}")) });
    let mut results = batches.buffer_unordered(CONCURRENT);
    while let Some(result) = results.try_next().await? {
        let before = tally.sends;
        tally.add(result);
        if before / PROGRESS < tally.sends / PROGRESS {
            eprintln!("{} s: {tally}", started.elapsed().as_secs());
        }
    }
    eprintln!("{} s", started.elapsed().as_secs());
    Ok(tally)
}

/// The batches: each kind gets its share of the sends.
fn batches(sends: usize, seed: u64) -> Vec<Batch> {
    let flavours = [Flavour::CurrentThread, Flavour::MultiThread];
    let kinds = TransportKind::ALL.iter().flat_map(|transport| {
        [Security::Tcp, Security::Tls].into_iter().flat_map(move |security| {
            flavours.into_iter().flat_map(move |flavour| Mode::ALL.map(|mode| (*transport, security, flavour, mode)))
        })
    });
    let mut batches: Vec<Batch> = Vec::new();
    let shares = TransportKind::ALL.len() * 2 * flavours.len() * Mode::ALL.len();
    for (index, (transport, security, flavour, mode)) in kinds.enumerate() {
        // The shares add up to the number of sends.
        let mut left = sends * (index + 1) / shares - sends * index / shares;
        while left > 0 {
            let size = left.min(LARGEST);
            left -= size;
            let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(batches.len() as u64);
            batches.push(Batch { transport, security, flavour, mode, size, seed });
        }
    }
    batches
}
