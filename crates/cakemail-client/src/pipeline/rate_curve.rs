//! The rate at which requests may be sent, as a function of time: constant, or a cubic curve as in TCP CUBIC.

use std::time::Duration;

use tokio::time::Instant;

/// The lowest rate that is adapted to, in requests per second.
const MIN_RATE: f64 = 0.2;
/// The highest rate that is adapted to, in requests per second.
const MAX_RATE: f64 = 1e9;
/// The fraction of the rate that remains after a 429.
const DECREASE: f64 = 0.8;
/// The coefficient of the cubic term, for each request per second of the rejected rate: so a curve of any rate recovers
/// in the same time.
const GROWTH: f64 = 0.3 / 50.0;
/// The first 429 says little about the limit: after it the rate doubles in this time, until the second one.
const DOUBLING_TIME: Duration = Duration::from_millis(500);

/// The current rate.
#[derive(Debug)]
pub(super) struct RateCurve {
    /// Counts the 429s that changed the rate. Zero: the rate is constant.
    epoch: u32,
    epoch_start: Instant,
    /// The rate at the start of the epoch, in requests per second.
    initial_rate: f64,
    /// The rate that the server rejected before.
    rejected_rate: f64,
}

impl RateCurve {
    pub(super) fn constant(rate: f64, now: Instant) -> Self {
        Self { epoch: 0, epoch_start: now, initial_rate: rate, rejected_rate: rate }
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The time from a request that is sent now to the next one.
    pub(super) fn interval(&self, now: Instant) -> Duration {
        Duration::try_from_secs_f64(1.0 / self.rate(now)).unwrap_or(Duration::MAX)
    }

    /// The rate now, in requests per second: it changes slowly near the rejected rate and fast far from it.
    pub(super) fn rate(&self, now: Instant) -> f64 {
        let elapsed = now.duration_since(self.epoch_start);
        match self.epoch {
            0 => self.initial_rate,
            1 => {
                let doublings = elapsed.div_duration_f64(DOUBLING_TIME);
                (self.initial_rate * doublings.exp2()).clamp(MIN_RATE, MAX_RATE)
            }
            _ => {
                let growth = GROWTH * self.rejected_rate.max(1.0);
                let inflection = ((self.rejected_rate - self.initial_rate) / growth).cbrt();
                let offset = elapsed.as_secs_f64() - inflection;
                (self.rejected_rate + growth * offset.powi(3)).clamp(MIN_RATE, MAX_RATE)
            }
        }
    }

    /// Starts a new epoch below the rejected rate. Returns its initial rate.
    pub(super) fn slow_down(&mut self, rejected_rate: f64, now: Instant) -> f64 {
        self.epoch += 1;
        self.epoch_start = now;
        self.rejected_rate = rejected_rate.max(MIN_RATE);
        self.initial_rate = (rejected_rate * DECREASE).max(MIN_RATE);
        self.initial_rate
    }

    /// Keeps the epoch's initial rate until then: nothing is learned from a pause.
    pub(super) fn pause(&mut self, until: Instant) {
        self.epoch_start = self.epoch_start.max(until);
    }
}
