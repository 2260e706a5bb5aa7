//! Where a claim begins to read each lane. Rows that were claimed before stay in the index until they are vacuumed, and
//! that takes hours while a backup or a report holds a snapshot. A claim that read past all of them would take longer and
//! longer.

use std::time::Duration;

use tokio::time::Instant;

use crate::Time;

/// How often a claim reads from the beginning, for emails that became due behind the floor: those of transactions that
/// committed late, and those that another worker has locked or claimed.
const FULL_READ: Duration = Duration::from_secs(1);
/// Transactions that took longer than this from their insert to their commit have committed late.
const COMMIT_TIME: Duration = Duration::from_secs(5);

/// The earliest `due_at` that the next claim reads, for each lane.
#[derive(Debug)]
pub(super) struct Floors {
    floors: [i64; 3],
    full_read_at: Option<Instant>,
}

/// What a claim found in a lane.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    pub count: i64,
    /// When the last one is due.
    pub last: i64,
}

impl Default for Floors {
    fn default() -> Self {
        Self { floors: [i64::MIN; 3], full_read_at: None }
    }
}

impl Floors {
    /// The floors of a claim that begins now.
    pub(super) fn begin(&mut self) -> [i64; 3] {
        let now = Instant::now();
        if self.full_read_at.is_none_or(|last| now.duration_since(last) >= FULL_READ) {
            *self = Self { full_read_at: Some(now), ..Self::default() };
        }
        self.floors
    }

    /// After a claim at this time that was allowed `looks` and `submissions`, and was committed.
    pub(super) fn end(&mut self, found: [Found; 3], [looks, submissions]: [i64; 2], now: Time) {
        let limits = [looks, submissions, submissions - found[1].count];
        for ((floor, found), limit) in self.floors.iter_mut().zip(found).zip(limits) {
            if found.count < limit {
                *floor = (*floor).max(now.before(COMMIT_TIME).as_micros());
            } else if found.count > 0 {
                *floor = (*floor).max(found.last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(100_000_000);

    fn found(counts: [(i64, i64); 3]) -> [Found; 3] {
        counts.map(|(count, last)| Found { count, last })
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_is_read_from_its_last_claim_and_from_the_beginning_each_second() {
        let mut floors = Floors::default();
        assert_eq!(floors.begin(), [i64::MIN; 3]);
        // One email was to be looked up; the first lane used up the limit, so the second was not read.
        floors.end(found([(1, 7), (64, 50), (0, 0)]), [64, 64], NOW);
        assert_eq!(floors.begin(), [95_000_000, 50, i64::MIN]);
        // Few were left: the lanes are empty up to a little before now.
        floors.end(found([(0, 0), (2, 60), (5, 70)]), [64, 64], NOW);
        assert_eq!(floors.begin(), [95_000_000; 3]);
        tokio::time::advance(FULL_READ).await;
        assert_eq!(floors.begin(), [i64::MIN; 3]);
    }
}
