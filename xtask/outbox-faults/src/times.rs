//! The times of a run: short, so that a thousand faults take minutes.

use std::time::Duration;

use cakemail_outbox::state::Rules;

/// How long the worker waits for a response. Shorter than the settle time.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a stopped worker stays stopped: until others would have sent its emails again.
pub const FROZEN: Duration = Duration::from_secs(6);
/// How much the logs lag, if they do: longer than the settle time.
pub const LAG: Duration = Duration::from_secs(8);
/// How long a lost email waits before it is sent again.
pub const RESEND_AFTER: Duration = Duration::from_millis(2400);
/// The longest step of the clock.
pub const CLOCK_STEP: Duration = Duration::from_secs(20);

/// The state machine's times.
pub fn rules(lagging: bool) -> Rules {
    let mut rules = Rules::default();
    rules.lease = Duration::from_millis(1200);
    rules.settle = Duration::from_millis(2400);
    rules.first_backoff = Duration::from_millis(50);
    rules.max_backoff = Duration::from_millis(500);
    if lagging {
        // Shorter than the lag: the emails in doubt end parked.
        rules.evidence_limit = Duration::from_secs(3);
    }
    // Each kill may lose the response of a resend.
    rules.max_resends = 100;
    rules
}
