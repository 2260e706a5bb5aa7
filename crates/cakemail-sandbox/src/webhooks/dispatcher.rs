//! The postman: brings what happened to emails to the webhooks that want it.
//!
//! It has no state of its own: what is on its way is in the [state](crate::domain), by the sandbox's clock.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::app::context::Core;
use crate::domain::Letter;
use crate::domain::Time;
use crate::engine::commands::What;
use crate::engine::run_until::run_until;
use crate::webhooks::attempt::{self, Failure};

/// How many letters are under way at once.
const AT_ONCE: usize = 32;

/// Delivers what is due, and waits for more, until it is dropped, and what is under way with it.
pub(crate) async fn run(core: &Arc<Core>) {
    let mut changes = core.changes();
    let mut under_way = JoinSet::new();
    loop {
        changes.mark_unchanged();
        let next = send_out(core, &mut under_way);
        let changed = async {
            // The core is here: its changes do not end.
            let _ = changes.changed().await;
        };
        let returned = async {
            if under_way.join_next().await.is_none() {
                pending().await
            }
        };
        let due = async {
            match next {
                Some(time) => core.clock.until(time).await,
                None => pending().await,
            }
        };
        run_until(changed, run_until(returned, due)).await;
    }
}

/// Sends out what is due; when there is more.
fn send_out(core: &Arc<Core>, under_way: &mut JoinSet<()>) -> Option<Time> {
    let mut state = core.state();
    let now = state.now;
    for account in &mut state.accounts {
        while under_way.len() < AT_ONCE {
            let Some(letter) = account.deliveries.take(account.id, &account.webhooks, now) else { break };
            under_way.spawn(deliver(Arc::clone(core), letter));
        }
    }
    // With all hands full, whoever returns first looks for more.
    state.next_delivery().filter(|_| under_way.len() < AT_ONCE)
}

async fn deliver(core: Arc<Core>, letter: Letter) {
    let started = Instant::now();
    let answer = attempt::attempt(&letter, &core.start.receivers).await;
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    let (account, delivery) = (letter.account_id, letter.id);
    if core.deed(What::Tried { account, delivery, answer, millis }).is_err() {
        // Not in the file, it is still to be sent by whoever reads that. Here it is not under way for ever.
        let unwritten = Failure::Silent("What became of it could not be written to the sandbox's file".into());
        let mut state = core.state();
        let now = state.now;
        if let Some(account) = state.account_mut(account) {
            account.deliveries.tried(delivery, Err(unwritten), now, millis);
        }
    }
    core.changed();
}

/// Returns when all that is due by the present time has been delivered, or has failed.
pub(crate) async fn idle(core: &Core) {
    let mut changes = core.changes();
    loop {
        if core.state().is_delivered() {
            return;
        }
        let _ = changes.changed().await;
    }
}

/// Moves the time forward. When this returns, all that is due by then has happened, each at its time, deliveries and
/// their retries included.
pub(crate) async fn advance(core: &Core, by: Duration) {
    let mut left = by;
    loop {
        idle(core).await;
        let state = core.state();
        let step = state.next_delivery().map(|time| time.since(state.now)).filter(|step| *step <= left);
        drop(state);
        let Some(step) = step else { break };
        core.clock.advance(step);
        left -= step;
    }
    core.clock.advance(left);
    idle(core).await;
}
