//! Selects the requests that a fault strikes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::api::request::RoutedRequest;

/// Selects the requests that a fault strikes: those that match all its conditions and that its schedule picks.
///
/// Only operations of the API match, never `/_sandbox/…`. Each fault numbers the requests that match it from 1, in the
/// order in which they arrive.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    renewal: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
}

impl Match {
    /// Every request to the API.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests for the operation with this id in the OpenAPI document, such as `submitEmail`.
    #[must_use]
    pub fn operation(id: impl Into<String>) -> Self {
        Self { operation: Some(id.into()), ..Self::default() }
    }

    /// Requests with this path, without query: `/v2/emails`.
    #[must_use]
    pub fn path(path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::default() }
    }

    /// Requests that renew a token: `POST /token` with `grant_type=refresh_token`, and `PUT /token`.
    #[must_use]
    pub fn renewal() -> Self {
        Self { renewal: true, ..Self::default() }
    }

    /// Only with this method: `POST`.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only when the JSON body's `email` is this address, in any case.
    #[must_use]
    pub fn recipient(mut self, address: impl Into<String>) -> Self {
        self.recipient = Some(address.into());
        self
    }

    /// Only on a connection that has carried a request before.
    #[must_use]
    pub fn reused(mut self) -> Self {
        self.reused = true;
        self
    }

    /// Only the `n`th request that matches, counted from 1.
    #[must_use]
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = Some(n);
        self
    }

    /// Only every `n`th request that matches: with 2 the second, the fourth, …
    #[must_use]
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }

    /// Each request that matches, with this probability from 0 to 1. The same seed picks the same numbers.
    #[must_use]
    pub fn probability(mut self, probability: f64, seed: u64) -> Self {
        (self.probability, self.seed) = (Some(probability), Some(seed));
        self
    }

    /// At most `n` times.
    #[must_use]
    pub fn times(mut self, n: u64) -> Self {
        self.times = Some(n);
        self
    }

    /// Only of this account.
    pub(super) fn account(mut self, id: i64) -> Self {
        self.account_id = Some(id);
        self
    }

    pub(super) fn operation_id(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    pub(super) fn matches(&self, routed: &RoutedRequest<'_>, account: Option<i64>) -> bool {
        let request = routed.request;
        let is = |expected: &Option<String>, value: &str| expected.as_deref().is_none_or(|it| it == value);
        is(&self.operation, &routed.operation.id)
            && is(&self.method, request.method)
            && is(&self.path, request.path)
            && (!self.reused || request.reused)
            && (!self.renewal || is_renewal(routed))
            && (self.account_id.is_none() || self.account_id == account)
            && self.recipient.as_ref().is_none_or(|address| is_to(routed, address))
    }

    /// Whether the schedule picks the `n`th request that matches, after `hits` were picked.
    pub(super) fn picks(&self, n: u64, hits: u64) -> bool {
        let drawn = |probability| draw(self.seed.unwrap_or_default(), n) < probability;
        self.nth.is_none_or(|it| it == n)
            && self.every.is_none_or(|it| n.is_multiple_of(it))
            && self.probability.is_none_or(drawn)
            && self.times.is_none_or(|it| hits < it)
    }
}

fn is_to(routed: &RoutedRequest<'_>, address: &str) -> bool {
    routed.body()["email"].as_str().is_some_and(|recipient| recipient.eq_ignore_ascii_case(address))
}

fn is_renewal(routed: &RoutedRequest<'_>) -> bool {
    match routed.operation.id.as_str() {
        "refreshToken" => true,
        "createToken" => routed.body()["grant_type"] == "refresh_token",
        _ => false,
    }
}

/// A pseudorandom number from 0 to 1, determined by `seed` and `n` (SplitMix64).
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn draw(seed: u64, n: u64) -> f64 {
    let mut z = seed.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.method, &self.path, &self.operation].into_iter().flatten().map(String::as_str);
        let parts: Vec<_> = parts.chain(self.renewal.then_some("a renewal")).collect();
        f.write_str(&if parts.is_empty() { "any request".into() } else { parts.join(" ") })?;
        if let Some(address) = &self.recipient {
            write!(f, " to {address}")?;
        }
        if let Some(account) = self.account_id {
            write!(f, " of account {account}")?;
        }
        if self.reused {
            f.write_str(" on a used connection")?;
        }
        for (word, number) in [("number", self.nth), ("every", self.every)] {
            if let Some(number) = number {
                write!(f, ", {word} {number}")?;
            }
        }
        if let Some(probability) = self.probability {
            write!(f, ", {} %", probability * 100.0)?;
        }
        self.times.map_or(Ok(()), |times| write!(f, ", {times} at most"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(matching: &Match, requests: u64) -> Vec<u64> {
        let mut picked = Vec::new();
        for n in 1..=requests {
            if matching.picks(n, picked.len() as u64) {
                picked.push(n);
            }
        }
        picked
    }

    #[test]
    fn schedules_pick_by_number() {
        assert_eq!(picked(&Match::any(), 3), [1, 2, 3]);
        assert_eq!(picked(&Match::any().nth(2), 5), [2]);
        assert_eq!(picked(&Match::any().every(2), 5), [2, 4]);
        assert_eq!(picked(&Match::any().every(2).times(1), 9), [2]);
        assert_eq!(picked(&Match::any().times(2), 9), [1, 2]);
        assert!(picked(&Match::any().every(0), 9).is_empty());
    }

    #[test]
    fn the_same_seed_picks_the_same_requests() {
        let drawn = |probability, seed| picked(&Match::any().probability(probability, seed), 10_000);
        assert_eq!(drawn(0.3, 7), drawn(0.3, 7));
        assert_ne!(drawn(0.3, 7), drawn(0.3, 8));
        assert!((2_800..3_200).contains(&drawn(0.3, 7).len()), "{}", drawn(0.3, 7).len());
        assert!(drawn(0.0, 7).is_empty());
        assert_eq!(drawn(1.0, 7).len(), 10_000);
    }
}
