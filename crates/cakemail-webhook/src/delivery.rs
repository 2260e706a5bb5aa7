//! A delivery that is in progress.

use std::fmt;
use std::sync::Arc;

use crate::{Claim, DeliveryId, DeliveryState, DeliveryStore, Event, Rejection};

/// A delivery that is verified, new, and now in progress.
///
/// Process [`event`](Self::event), then call [`done`](Self::done), and respond with 200 only after that. A delivery that is
/// dropped before, because its handler failed, panicked or was cancelled, is forgotten: when the sender posts it again, it
/// is handed over again.
#[must_use = "a delivery that is not `done` is handed over again"]
pub struct Delivery {
    /// The event that it reports.
    pub event: Event,
    guard: Guard,
}

impl Delivery {
    /// Claims a delivery.
    pub(crate) async fn begin(event: Event, claim: Claim, store: Arc<dyn DeliveryStore>) -> Result<Self, Rejection> {
        // The guard is there before the store is asked: if this future is dropped meanwhile, it forgets the claim.
        let mut guard = Guard { claim, store, armed: true };
        let state = guard.store.begin(claim).await.map_err(Rejection::Store)?;
        guard.armed = state == DeliveryState::New;
        match state {
            DeliveryState::New => Ok(Self { event, guard }),
            DeliveryState::InProgress => Err(Rejection::InProgress),
            DeliveryState::Done => Err(Rejection::Duplicate),
        }
    }

    /// Identifies the delivery.
    pub fn id(&self) -> DeliveryId {
        self.guard.claim.id
    }

    /// Records that the event was processed, so that it is not handed over again. Respond with 200 after this.
    ///
    /// # Errors
    /// [`Rejection::Store`] if the store cannot record it. The event is processed again when the sender posts it again.
    pub async fn done(mut self) -> Result<(), Rejection> {
        let guard = &mut self.guard;
        guard.store.complete(guard.claim).await.map_err(Rejection::Store)?;
        guard.armed = false;
        Ok(())
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("id", &self.id()).field("event", &self.event).finish_non_exhaustive()
    }
}

/// Forgets the claim on drop, unless the store has said that it is not in progress.
struct Guard {
    claim: Claim,
    store: Arc<dyn DeliveryStore>,
    armed: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed {
            self.store.forget(self.claim);
        }
    }
}
