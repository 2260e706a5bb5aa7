//! The rows of several accounts in one order, newest first. Each account's numbers count up with time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::domain::Time;
use crate::domain::index::Numbers;

/// Up to how many rows are passed over one by one, which is faster than a search for the first row after them.
const MAX_STEPS: usize = 500;

/// `count` rows after the newest `skip` ones: each with its account's place. Those of the same time are in the order of
/// the accounts. The cost hardly grows with `skip`.
pub(super) fn page(
    accounts: &[Numbers],
    mut skip: usize,
    count: usize,
    time: impl Fn(usize, u32) -> Time,
) -> Vec<(usize, u32)> {
    let mut ends: Vec<i64> = accounts.iter().map(|numbers| numbers.len().cast_signed()).collect();
    if skip > MAX_STEPS {
        skip_newest(accounts, &mut ends, i64::try_from(skip).unwrap_or(i64::MAX), &time);
        skip = 0;
    }
    let time = &time;
    let rows = accounts.iter().zip(ends).enumerate().map(|(account, (numbers, end))| {
        let last = select(numbers, end - 1);
        let rows = last.into_iter().flat_map(|last| numbers.range(..=last).rev());
        rows.map(move |number| (time(account, number), number))
    });
    merged(rows.collect()).skip(skip).take(count).collect()
}

/// Moves the end of each account's rows so that the newest `skip` are left out.
fn skip_newest(accounts: &[Numbers], ends: &mut [i64], mut skip: i64, time: impl Fn(usize, u32) -> Time) {
    let of_rank = |account: usize, rank| select(&accounts[account], rank).map(|number| time(account, number));
    let filled = || ends.iter().copied().enumerate().filter(|(_, end)| *end > 0);
    let Some(oldest) = filled().filter_map(|(account, _)| of_rank(account, 0)).min() else { return };
    let newest = filled().filter_map(|(account, end)| of_rank(account, end - 1)).max().unwrap_or(oldest);
    // How many of an account's rows were there before a time.
    let before = |account, end, at| first(0, end, |rank| of_rank(account, rank).is_none_or(|time| time >= Time(at)));
    let since = |at| filled().map(|(account, end)| end - before(account, end, at)).sum::<i64>();
    let start = first(oldest.0, newest.0 + 1, |at| since(at) <= skip);
    // Those since then are left out, and of those just before it as many as are missing.
    for at in [start, start - 1] {
        for (account, end) in ends.iter_mut().enumerate() {
            let left_out = (*end - before(account, *end, at)).min(skip);
            *end -= left_out;
            skip -= left_out;
        }
    }
}

/// The first number of a range that passes a test, which all later ones pass too; or else the end of the range.
fn first(mut low: i64, mut high: i64, passes: impl Fn(i64) -> bool) -> i64 {
    while low < high {
        let middle = low + (high - low) / 2;
        match passes(middle) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    low
}

fn select(numbers: &Numbers, rank: i64) -> Option<u32> {
    numbers.select(u32::try_from(rank).ok()?)
}

/// Merges the rows of accounts, which come newest first.
pub(super) fn merged<T>(accounts: Vec<impl Iterator<Item = (Time, T)>>) -> impl Iterator<Item = (usize, T)> {
    let mut accounts: Vec<_> = accounts.into_iter().map(Iterator::peekable).collect();
    let first = accounts.iter_mut().enumerate().filter_map(|(place, rows)| Some((rows.peek()?.0, Reverse(place))));
    let mut next: BinaryHeap<_> = first.collect();
    std::iter::from_fn(move || {
        let (_, Reverse(place)) = next.pop()?;
        let rows = &mut accounts[place];
        let (_, row) = rows.next()?;
        next.extend(rows.peek().map(|(time, _)| (*time, Reverse(place))));
        Some((place, row))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_page_is_a_slice_of_all_rows(
            accounts in prop::collection::vec(prop::collection::btree_set(0..3000_u32, 0..600), 0..4),
            (skip, count) in (prop_oneof![0..20_usize, 0..2500_usize], 0..30_usize),
            slowness in prop::sample::select(vec![1, 3, 5000]),
        ) {
            let sets: Vec<Numbers> = accounts.iter().map(|numbers| numbers.iter().collect()).collect();
            // Several rows at one time.
            let time = |account: usize, number: u32| Time(i64::from(number / slowness) - account.cast_signed() as i64 % 2);
            let mut all: Vec<_> =
                (0..sets.len()).flat_map(|account| sets[account].iter().map(move |number| (account, number))).collect();
            all.sort_by_key(|(account, number)| (Reverse(time(*account, *number)), *account, Reverse(*number)));
            let slice: Vec<_> = all.iter().skip(skip).take(count).copied().collect();
            prop_assert_eq!(page(&sets, skip, count, time), slice);
        }
    }
}
