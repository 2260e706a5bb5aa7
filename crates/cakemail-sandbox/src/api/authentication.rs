//! Identifies the account that makes a request.

use super::request::RoutedRequest;
use super::response::ApiResponse;
use crate::domain::State;

/// The account whose token a request carries, or that it signs in to. `None` when that is not known.
pub(crate) fn caller(state: &State, routed: &RoutedRequest<'_>) -> Option<i64> {
    match routed.request.token() {
        Some(token) => state.tokens.account(token, state.now),
        None if routed.operation.secured => None,
        None => state.signing_in(routed.body()),
    }
}

/// The account for which an operation runs, given its caller: none when the operation needs no token.
///
/// # Errors
/// A 401 response when the operation needs a token and the request has no valid one.
pub(crate) fn authenticate(routed: &RoutedRequest<'_>, caller: Option<i64>) -> Result<Option<i64>, ApiResponse> {
    if !routed.operation.secured {
        return Ok(None);
    }
    if routed.request.token().is_none() {
        return Err(ApiResponse::not_authenticated());
    }
    match caller {
        Some(account) => Ok(Some(account)),
        None => Err(ApiResponse::invalid_token()),
    }
}
