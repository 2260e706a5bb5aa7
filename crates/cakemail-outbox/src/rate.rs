//! The rate that all workers of a ledger share: slots of a generic cell rate algorithm, and what the server's 429s taught.
//! Pure: each ledger keeps a [`SharedRate`] in a row, and locks it from reading to storing.

use std::time::Duration;

use crate::{Rate, Time};

/// The fraction of the rate that remains after a 429.
const DECREASE: f64 = 0.7;
/// Workers that report a 429 within this time speak of the same excess.
const SAME_EXCESS: Duration = Duration::from_secs(1);
/// The time in which the rate doubles after a 429, up to the configured one.
const DOUBLING_TIME: Duration = Duration::from_secs(60);
/// Bounds of a rate, in emails per second: the interval is finite and not zero.
const RATES: (f64, f64) = (1e-6, 1e8);

/// The row of the shared rate, for a [`Ledger`](crate::Ledger) to store.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SharedRate {
    /// When the next slot is, in nanoseconds since 1970: microseconds would drift at rates such as 300 a second.
    pub next_slot: i64,
    /// The rate just after the latest 429, in emails per second. `None` if there was none.
    pub lowered_to: Option<f64>,
    /// When it was lowered.
    pub lowered_at: i64,
    /// No email is submitted before this time, in microseconds since 1970.
    pub paused_until: i64,
}

impl SharedRate {
    /// Lowers the rate if a worker was told to slow down, once for all workers that were told at the same time.
    pub fn learn(&mut self, rate: &Rate, now: Time) {
        let lowered_at = Time::from_micros(self.lowered_at);
        let is_known = self.lowered_to.is_some() && lowered_at <= now && now < lowered_at.after(SAME_EXCESS);
        if rate.was_limited && !is_known {
            self.lowered_to = Some((self.per_second(rate, now) * DECREASE).max(RATES.0));
            self.lowered_at = now.as_micros();
        }
    }

    /// Emails per second at this time.
    pub fn per_second(&self, rate: &Rate, now: Time) -> f64 {
        // Not `clamp`, which keeps a NaN.
        let highest = rate.per_second.max(RATES.0).min(RATES.1);
        let Some(lowered_to) = self.lowered_to else { return highest };
        let doublings = now.since(Time::from_micros(self.lowered_at)).div_duration_f64(DOUBLING_TIME);
        (lowered_to * doublings.exp2()).clamp(RATES.0, highest)
    }

    /// When the next email may be submitted.
    pub fn next(&self, rate: &Rate, now: Time) -> Time {
        Time::from_micros(micros_up(self.start(rate, now)))
    }

    /// How many slots there are until the horizon.
    pub fn available(&self, rate: &Rate, now: Time) -> u32 {
        let horizon = nanos(now.after(rate.horizon));
        let room = horizon.saturating_sub(self.start(rate, now));
        // At most 2^31 slots: a ledger counts in `i32`.
        if room < 0 { 0 } else { (room as f64 / self.interval(rate, now)).min(f64::from(i32::MAX - 1)) as u32 + 1 }
    }

    /// Takes slots. Returns when each of them is.
    pub fn reserve(&mut self, rate: &Rate, count: usize, now: Time) -> Vec<Time> {
        let (start, interval) = (self.start(rate, now), self.interval(rate, now));
        let slot = |index: usize| start.saturating_add((index as f64 * interval).ceil() as i64);
        if count > 0 {
            self.next_slot = slot(count);
        }
        (0..count).map(|index| Time::from_micros(micros_up(slot(index)))).collect()
    }

    fn start(&self, rate: &Rate, now: Time) -> i64 {
        let earliest = nanos(now).max(self.paused_until.saturating_mul(1000));
        let latest = earliest.saturating_add(nanos(Time::from_micros(0).after(rate.horizon)));
        // No slot is later than that, unless the clock went back: then the slots begin again.
        let is_plausible = self.next_slot <= latest.saturating_add((2.0 * self.interval(rate, now)) as i64);
        if is_plausible { self.next_slot.max(earliest) } else { earliest }
    }

    /// Nanoseconds between two slots.
    fn interval(&self, rate: &Rate, now: Time) -> f64 {
        1e9 / self.per_second(rate, now)
    }
}

fn nanos(time: Time) -> i64 {
    time.as_micros().saturating_mul(1000)
}

/// Nanoseconds as microseconds, rounded up: an email is never early.
fn micros_up(nanos: i64) -> i64 {
    nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000_000_000;

    fn at(seconds: f64) -> Time {
        Time::from_micros(START + (seconds * 1e6) as i64)
    }

    fn rate(per_second: f64) -> Rate {
        Rate { per_second, horizon: Duration::from_millis(250), was_limited: false }
    }

    /// The slots that workers take in this time, who ask at irregular times and have room for 64 emails.
    fn taken(per_second: f64, seconds: f64) -> Vec<Time> {
        let (mut shared, rate) = (SharedRate::default(), rate(per_second));
        let mut random = fastrand::Rng::with_seed(7);
        let (mut now, mut slots) = (0.0, Vec::new());
        while now < seconds {
            let count = shared.available(&rate, at(now)).min(64);
            slots.extend(shared.reserve(&rate, count as usize, at(now)));
            now += random.f64() * 0.03;
        }
        slots.retain(|slot| *slot < at(seconds));
        slots
    }

    #[test]
    fn an_hour_has_as_many_slots_as_the_rate_says() {
        for per_second in [0.5, 3.0, 7.7, 300.0, 2000.0] {
            let expected = per_second * 3600.0;
            let slots = taken(per_second, 3600.0);
            assert!((slots.len() as f64 - expected).abs() <= 1.0, "{per_second}: {}", slots.len());
        }
    }

    #[test]
    fn no_second_has_more_slots_than_the_rate_says() {
        for per_second in [1.0, 7.7, 200.0, 333.3, 2000.0] {
            let slots = taken(per_second, 60.0);
            let most = per_second.ceil() as usize + 1;
            let is_crowded = |window: &[Time]| window[most] < window[0].after(Duration::from_secs(1));
            assert!(!slots.windows(most + 1).any(is_crowded), "{per_second}");
        }
    }

    #[test]
    fn slots_that_nobody_took_do_not_add_up_to_a_burst() {
        let (mut shared, rate) = (SharedRate::default(), rate(100.0));
        shared.reserve(&rate, 1, at(0.0));
        assert_eq!(shared.available(&rate, at(60.0)), 26);
    }

    #[test]
    fn nothing_is_reserved_beyond_the_horizon_or_in_a_pause() {
        let (mut shared, rate) = (SharedRate::default(), rate(0.5));
        assert_eq!(shared.available(&rate, at(0.0)), 1);
        shared.reserve(&rate, 1, at(0.0));
        assert_eq!((shared.available(&rate, at(1.7)), shared.available(&rate, at(1.8))), (0, 1));
        shared.paused_until = at(10.0).as_micros();
        assert_eq!((shared.available(&rate, at(9.7)), shared.available(&rate, at(9.8))), (0, 1));
        assert_eq!(shared.reserve(&rate, 2, at(9.8)), [at(10.0), at(12.0)]);
        assert_eq!(shared.next(&rate, at(9.8)), at(14.0));
    }

    #[test]
    fn slots_begin_again_when_the_clock_goes_back() {
        let (mut shared, rate) = (SharedRate::default(), rate(10.0));
        shared.reserve(&rate, 3, at(3600.0));
        assert_eq!(shared.next(&rate, at(0.0)), at(0.0));
    }

    #[test]
    fn a_429_lowers_the_rate_once_for_all_workers_and_the_rate_recovers() {
        let mut shared = SharedRate::default();
        let limited = Rate { was_limited: true, ..rate(200.0) };
        for now in [0.0, 0.2, 0.9] {
            shared.learn(&limited, at(now));
        }
        assert_eq!(shared.per_second(&limited, at(0.0)), 140.0);
        shared.learn(&limited, at(1.0));
        assert!((98.0..101.0).contains(&shared.per_second(&limited, at(1.0))));
        let later = [31.0, 61.0, 121.0].map(|now| shared.per_second(&limited, at(now)));
        assert!(later[0] < later[1] && later[1] < 200.0 && later[2] == 200.0, "{later:?}");
    }

    #[test]
    fn a_rate_that_is_no_rate_still_has_an_interval() {
        for per_second in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX] {
            let (mut shared, rate) = (SharedRate::default(), rate(per_second));
            let count = shared.available(&rate, at(0.0)).min(10) as usize;
            let slots = shared.reserve(&rate, count, at(0.0));
            assert!(slots.iter().all(|slot| *slot >= at(0.0) && *slot <= at(0.25)), "{per_second}: {slots:?}");
        }
    }
}
