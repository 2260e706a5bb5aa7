//! Until when a claimed email may be written to the network.

use std::time::Duration;

use cakemail_transport::{BootClock, SendBy};
use tokio::time::Instant;

use crate::Time;
use crate::state::{Record, Rules};

/// The part of the lease that is left between the last write and the end of the lease.
const MARGIN: Duration = Duration::from_secs(2);

/// The clocks around one claim, read before and after it.
#[derive(Debug, Clone)]
pub(super) struct ClaimTimes {
    clock: BootClock,
    /// The machine's clock before the claim.
    read: Duration,
    /// The ledger's time in the claim.
    now: Time,
    /// When the claim had returned.
    returned: Instant,
}

/// The machine's clock, read before a claim.
#[derive(Debug)]
pub(super) struct BeforeClaim {
    clock: BootClock,
    read: Duration,
}

impl BeforeClaim {
    pub(super) fn read(clock: &BootClock) -> Self {
        Self { clock: clock.clone(), read: clock.now() }
    }

    /// The clocks of a claim that returned now.
    pub(super) fn claimed(self, now: Time) -> ClaimTimes {
        ClaimTimes { clock: self.clock, read: self.read, now, returned: Instant::now() }
    }
}

impl ClaimTimes {
    /// The moment after which the email is not written to the network: before the end of the lease, and not after the
    /// email's expiry.
    pub(super) fn send_by(&self, record: &Record, rules: &Rules) -> SendBy {
        let lease = rules.lease.saturating_sub(MARGIN.min(rules.lease / 4));
        let left = record.expires_at.map_or(lease, |expires_at| expires_at.since(self.now).min(lease));
        SendBy::new(self.read.saturating_add(left), self.clock.clone())
    }

    /// When the ledger's clock shows this time, or now if it has.
    pub(super) fn instant(&self, time: Time) -> Instant {
        self.returned + time.since(self.now)
    }

    /// The ledger's time in the claim.
    pub(super) fn now(&self) -> Time {
        self.now
    }
}
