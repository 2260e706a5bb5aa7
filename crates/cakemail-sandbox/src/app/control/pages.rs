//! Pages of rows of several accounts.

use serde_json::{Value, json};

use crate::api::response::ApiResponse;
use crate::domain::Fields;
use crate::domain::index::{Numbers, page};
use crate::engine::ValidatedRequest;

/// How many rows are before the page that a request asks for, and how many the page has at most.
pub(super) fn asked(request: &ValidatedRequest) -> (usize, usize) {
    let number = |name: &str| request.query.integer(name).and_then(|value| usize::try_from(value).ok()).unwrap_or(1);
    let per_page = number("per_page");
    ((number("page") - 1).saturating_mul(per_page), per_page)
}

/// The page of rows that a request asks for, and their total number.
pub(super) fn listing(request: &ValidatedRequest, rows: impl ExactSizeIterator<Item = Value>) -> ApiResponse {
    let (total, (skip, count)) = (rows.len(), asked(request));
    ApiResponse::listing(&json!({"total": total}), rows.skip(skip).take(count))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
            let all: Vec<_> =
                (0..sets.len()).flat_map(|account| sets[account].iter().map(move |number| (account, number))).collect();
            let slice = |rows: &[(usize, u32)]| {
                rows.iter().skip((number - 1) * per_page).take(per_page).copied().collect::<Vec<_>>()
            };
            prop_assert_eq!(one_after_the_other(&request, &sets), slice(&all));
        }
    }
}
