//! One step of one email, for an application or another engine that decides when.

use std::sync::Arc;
use std::time::Duration;

use cakemail_client::{Client, IdempotencyKey};
use cakemail_transport::BootClock;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::warn;

use super::gate::BeforeClaim;
use super::schedule::PAUSE;
use super::sender::{Claim, Sender};
use super::tick::Chain;
use super::verdict::{Signal, Verdict};
use crate::state::{Event, Record, Rules};
use crate::{Completion, Error, Ledger, OwnerLock, Result, Tick};

/// The longest wait for the end of a pause.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How many times a result is stored until it is.
const MAX_ATTEMPTS: u32 = 5;
const FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// Does the next step of one email, if it is due. Returns its record afterwards.
pub(crate) async fn dispatch(
    ledger: Arc<dyn Ledger>,
    rules: Arc<Rules>,
    client: Client,
    key: IdempotencyKey,
) -> Result<Record> {
    let clock = BootClock::new();
    let sender = Sender::new(&client, Arc::clone(&ledger), Arc::clone(&rules), &clock)?;
    // An owner of its own, so that nobody gives back what another call claims.
    let lock = ledger.lock().await?;
    let before = BeforeClaim::read(&clock);
    let claimed = match ledger.claim(lock.owner(), &key, &rules).await {
        Ok(claimed) => claimed,
        Err(error) => {
            // It may have been claimed nevertheless. If this fails too, it is looked for when its lease has ended.
            let _ = ledger.release(lock.owner(), &[]).await;
            return Err(error);
        }
    };
    if let Some(claimed) = claimed {
        let now = claimed.record.changed_at;
        let times = before.claimed(now);
        let slot = times.instant(claimed.slot);
        let claim = Claim { record: claimed.record, payload: claimed.payload, times };
        let Verdict { event, signal } = match slot > Instant::now() + MAX_WAIT {
            true => Verdict::of_the_email(Event::Released),
            false => {
                sleep_until(slot).await;
                sender.step(&claim).await
            }
        };
        // The result first: it is all that is known of the email.
        store(&*ledger, lock, &rules, Completion { record: claim.record, event }).await?;
        if let Some(Signal::Limited(wait)) = signal {
            ledger.pause(wait.unwrap_or(PAUSE)).await?;
        }
    }
    ledger.get(&key).await?.ok_or_else(|| Error::NotFound(key.tag().to_owned()))
}

/// Stores what the step came to.
async fn store(ledger: &dyn Ledger, mut lock: OwnerLock, rules: &Rules, completion: Completion) -> Result<()> {
    let completed = [completion];
    let mut backoff = FIRST_BACKOFF;
    for _ in 1..MAX_ATTEMPTS {
        match tick(ledger, &lock, rules, &completed).await {
            Ok(()) => return Ok(()),
            Err(error) => warn!(error = %Chain(&error), "the outbox's database failed"),
        }
        sleep(backoff).await;
        backoff *= 2;
        // The lock may have ended with the connection.
        if let Ok(other) = ledger.lock().await {
            lock = other;
        }
    }
    tick(ledger, &lock, rules, &completed).await
}

async fn tick(ledger: &dyn Ledger, lock: &OwnerLock, rules: &Rules, completed: &[Completion]) -> Result<()> {
    let owner = lock.owner();
    let tick = Tick { owner, completed, room: 0, room_for_looks: 0, rate: None, rules, is_told: false };
    ledger.tick(tick).await.map(drop)
}
