//! Pages of rows of several accounts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::domain::index::{Numbers, page};
use crate::domain::{Fields, Time};
use crate::engine::ValidatedRequest;

/// How many rows are before the page that a request asks for, and how many the page has at most.
pub(super) fn asked(request: &ValidatedRequest) -> (usize, usize) {
    let number = |name: &str| request.query.integer(name).and_then(|value| usize::try_from(value).ok()).unwrap_or(1);
    let per_page = number("per_page");
    ((number("page") - 1).saturating_mul(per_page), per_page)
}

/// The page that a request asks for, of the numbers of all accounts, account by account: each with its account's place.
pub(super) fn one_after_the_other(request: &ValidatedRequest, accounts: &[Numbers]) -> Vec<(usize, u32)> {
    let (mut skip, count) = asked(request);
    let mut rows = Vec::new();
    for (account, numbers) in accounts.iter().enumerate() {
        let found = page(numbers, skip, count - rows.len(), false);
        rows.extend(found.into_iter().map(|number| (account, number)));
        skip = skip.saturating_sub(usize::try_from(numbers.len()).unwrap_or(usize::MAX));
    }
    rows
}

/// The page that a request asks for, of the numbers of all accounts, newest first. Each account's numbers count up with
/// time, which `time` returns. With one account the cost is that of the page; with several it grows with the page's
/// number, too.
pub(super) fn newest(
    request: &ValidatedRequest,
    accounts: &[Numbers],
    time: impl Fn(usize, u32) -> Time,
) -> Vec<(usize, u32)> {
    let (skip, count) = asked(request);
    let mut filled = accounts.iter().enumerate().filter(|(_, numbers)| !numbers.is_empty());
    if let (Some((account, numbers)), None) = (filled.next(), filled.next()) {
        return page(numbers, skip, count, true).into_iter().map(|number| (account, number)).collect();
    }
    let mut rest: Vec<_> = accounts.iter().map(|numbers| numbers.iter().rev()).collect();
    let mut next = |account: usize| {
        let number = rest[account].next()?;
        Some((time(account, number), Reverse(account), number))
    };
    let mut heap: BinaryHeap<_> = (0..accounts.len()).filter_map(&mut next).collect();
    let merged = std::iter::from_fn(|| {
        let (_, Reverse(account), number) = heap.pop()?;
        heap.extend(next(account));
        Some((account, number))
    });
    merged.skip(skip).take(count).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn pages_of_several_accounts_are_slices_of_all_rows(
            accounts in prop::collection::vec(prop::collection::btree_set(0..50_u32, 0..20), 0..4),
            (number, per_page) in (1..6_usize, 1..12_usize),
        ) {
            let query = json!({"page": number, "per_page": per_page});
            let request = ValidatedRequest { query: query.as_object().unwrap().clone(), ..Default::default() };
            let sets: Vec<Numbers> = accounts.iter().map(|numbers| numbers.iter().collect()).collect();
            // Several rows at one time.
            let time = |account: usize, number: u32| Time(i64::from(number) / 3 + i64::try_from(account).unwrap() % 2);
            let mut all: Vec<_> =
                (0..sets.len()).flat_map(|account| sets[account].iter().map(move |number| (account, number))).collect();
            let slice = |rows: &[(usize, u32)]| {
                rows.iter().skip((number - 1) * per_page).take(per_page).copied().collect::<Vec<_>>()
            };
            prop_assert_eq!(one_after_the_other(&request, &sets), slice(&all));
            all.sort_by_key(|(account, number)| (Reverse(time(*account, *number)), *account, Reverse(*number)));
            prop_assert_eq!(newest(&request, &sets, time), slice(&all));
        }
    }
}
