//! A handle to an injected fault.

use std::fmt;
use std::sync::Arc;

use super::context::App;
use crate::faults::Active;

/// A [`Fault`](crate::Fault) that was set. Dropping the handle does not remove the fault.
#[derive(Clone)]
pub struct FaultHandle {
    pub(super) active: Arc<Active>,
    pub(super) app: Arc<App>,
}

impl FaultHandle {
    /// How many requests matched its conditions, picked or not.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.active.seen()
    }

    /// How many requests it has struck.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.active.hits()
    }

    /// Removes the fault.
    pub fn remove(&self) {
        self.app.faults.change_always(|set| set.remove(self.active.id));
    }
}

impl fmt::Debug for FaultHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Active { id, fault, .. } = &*self.active;
        write!(f, "FaultHandle({id}: {fault}; {} of {})", self.hits(), self.seen())
    }
}
