//! What the sandbox's clock showed, and how fast it runs: what a restart needs to run on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::time::Time;

/// A reading of the sandbox's clock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClockReading {
    /// The time that it showed. For a clock that is faster or slower than real time, this may lie a moment ahead: no
    /// client has seen a later time.
    pub(crate) time: Time,
    /// The computer's time then.
    pub(crate) real: Time,
    /// How many times as fast as real time it runs.
    pub(crate) pace: f64,
}

impl ClockReading {
    /// Whether it runs as fast as real time.
    pub(crate) fn is_real(&self) -> bool {
        (self.pace - 1.0).abs() < f64::EPSILON
    }

    /// The same, a moment ahead when the clock is scaled: until then, nothing has to be written for the time that passes.
    /// A restart goes on from there.
    pub(crate) fn ahead(self) -> Self {
        let ahead = Duration::try_from_secs_f64(self.pace).unwrap_or(Duration::MAX);
        if self.is_scaled() { Self { time: self.time.plus(ahead), ..self } } else { self }
    }

    /// Whether it shows a later time at each look, and not that of the computer.
    pub(crate) fn is_scaled(&self) -> bool {
        self.pace > 0.0 && !self.is_real()
    }
}
