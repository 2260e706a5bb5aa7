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

/// How much the readings of two clocks differ at most because both are rounded to milliseconds. A restart takes longer.
const ROUNDING: Duration = Duration::from_millis(2);

impl ClockReading {
    /// What it shows when it goes on at the real time `real`. One that runs in real time has gone on meanwhile; any other
    /// has stood still.
    pub(crate) fn after_a_pause(&self, real: Time) -> Time {
        if self.is_real() { self.time.plus(real.since(self.real)) } else { self.time }
    }

    /// Whether a restart from this reading runs as fast as the clock does now, and shows no earlier time.
    pub(crate) fn covers(&self, now: &Self) -> bool {
        let restarted = self.after_a_pause(now.real);
        let rounding = if self.is_real() { ROUNDING } else { Duration::ZERO };
        (self.pace - now.pace).abs() < f64::EPSILON && restarted.plus(rounding) >= now.time
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_covers_what_a_restart_from_it_shows() {
        let reading = |time, real, pace| ClockReading { time: Time(time), real: Time(real), pace };
        for (kept, now, covered) in [
            ((5, 100, 0.0), (5, 900, 0.0), true),
            ((5, 100, 0.0), (6, 900, 0.0), false),
            ((9, 100, 0.0), (6, 900, 0.0), true),
            ((5, 100, 0.0), (5, 900, 1.0), false),
            ((5, 100, 1.0), (805, 900, 1.0), true),
            ((5, 100, 1.0), (807, 900, 1.0), true),
            ((5, 100, 1.0), (3_600_805, 900, 1.0), false),
            ((65_000, 100, 60.0), (64_999, 900, 60.0), true),
            ((65_000, 100, 60.0), (65_001, 900, 60.0), false),
        ] {
            let (kept, now) = (reading(kept.0, kept.1, kept.2), reading(now.0, now.1, now.2));
            assert_eq!(kept.covers(&now), covered, "{kept:?} {now:?}");
        }
        assert!(reading(5, 0, 60.0).ahead().covers(&reading(60_005, 900, 60.0)));
    }
}
