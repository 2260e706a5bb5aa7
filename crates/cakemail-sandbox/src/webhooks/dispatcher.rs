//! Delivers events to webhooks when they are due, and while somebody watches records planned events on time. Pending
//! deliveries are part of the [state](crate::domain); the dispatcher keeps none.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::attempt::{self, Receivers};
use crate::domain::{DeliveryError, OutgoingDelivery, Time};
use crate::engine::{Command, CommandError, Engine, Topic, run_until};

/// How many deliveries are in flight at most.
const MAX_IN_FLIGHT: usize = 32;

/// How long a receiver may hold up the clock when it is advanced, in real time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same for a receiver that took longer the last time.
const LITTLE_PATIENCE: Duration = Duration::from_millis(100);

/// Delivers until it is dropped, which also ends the deliveries in flight.
pub(crate) async fn run(engine: &Arc<Engine>, receivers: Receivers) {
    let mut changes = engine.subscribe();
    let mut in_flight = JoinSet::new();
    loop {
        changes.mark_unchanged();
        let next = start_due(engine, &receivers, &mut in_flight);
        let changed = async {
            // The engine is borrowed, so its changes do not end.
            let _ = changes.changed().await;
        };
        let finished = async {
            if in_flight.join_next().await.is_none() {
                pending().await
            }
        };
        let due = async {
            match next {
                Some(time) => engine.clock().wait_until(time).await,
                None => pending().await,
            }
        };
        run_until(changed, run_until(finished, due)).await;
    }
}

/// Starts the deliveries that are due. Returns when the next one is, or the next event that somebody watches for.
fn start_due(engine: &Arc<Engine>, receivers: &Receivers, in_flight: &mut JoinSet<()>) -> Option<Time> {
    let mut state = engine.state();
    while in_flight.len() < MAX_IN_FLIGHT {
        let Some(delivery) = state.take_delivery() else { break };
        in_flight.spawn(deliver(Arc::clone(engine), delivery, receivers.clone()));
    }
    // At the maximum, a delivery that finishes starts the next one.
    let next = state.next_delivery().filter(|_| in_flight.len() < MAX_IN_FLIGHT);
    next.into_iter().chain(engine.next_watched(&state)).min()
}

async fn deliver(engine: Arc<Engine>, delivery: OutgoingDelivery, receivers: Receivers) {
    let started = Instant::now();
    let timed_out = engine.timed_out(delivery.deadline);
    let result = run_until(timed_out, attempt::attempt(&delivery, &receivers)).await;
    let result = result.unwrap_or_else(|| Err(attempt::late()));
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    let attempt =
        |result| Command::RecordAttempt { account: delivery.account_id, delivery: delivery.id, result, millis };
    let mut transaction = engine.begin();
    if let Err(CommandError::NotRecorded(_)) = transaction.apply(attempt(result)) {
        // The file has it as pending, and so it is here, too.
        let error = DeliveryError::NoResponse("The result could not be written to the sandbox's file".into());
        let _ = transaction.apply_unrecorded(attempt(Err(error)));
    }
    drop(transaction);
    engine.notify(&[Topic::Deliveries]);
}

/// Waits until every delivery that is due by now has been made, or has failed. Returns false when no receiver that is
/// being called responds.
async fn settle(engine: &Engine) -> bool {
    let mut changes = engine.subscribe();
    let (mut last_attempts, mut since) = (0, tokio::time::Instant::now());
    loop {
        let (attempts, patience) = {
            let state = engine.state();
            if state.is_delivered() {
                return true;
            }
            (state.delivery_attempts(), if state.expects_response() { PATIENCE } else { LITTLE_PATIENCE })
        };
        if attempts != last_attempts {
            (last_attempts, since) = (attempts, tokio::time::Instant::now());
        }
        let end = since + patience;
        if tokio::time::timeout_at(end, changes.changed()).await.is_err() {
            engine.state().lose_patience();
            return false;
        }
    }
}

/// Moves the time forward, and waits until every delivery and every retry that is due by then has been made, each at its
/// time. A receiver that does not respond times out by the clock.
pub(crate) async fn advance(engine: &Engine, by: Duration) {
    let mut left = by;
    loop {
        let is_settled = settle(engine).await;
        let state = engine.state();
        let timeout = state.next_timeout().filter(|_| !is_settled);
        let next =
            state.next_delivery().filter(|time| is_settled || *time > state.now).into_iter().chain(timeout).min();
        let step = next.map(|time| time.since(state.now)).filter(|step| *step <= left);
        drop(state);
        let Some(step) = step else { break };
        engine.clock().advance(step);
        left -= step;
        if !is_settled {
            engine.time_out();
        }
    }
    engine.clock().advance(left);
    settle(engine).await;
}
