//! Named sets of faults.

use std::fmt;
use std::str::FromStr;

use super::{Effect, Fault, Limit, Match, Phase, RetryAfter};

/// Named sets of faults. [`Sandbox::preset`](crate::Sandbox::preset) sets one; a seed determines its random choices.
///
/// | preset | faults |
/// | --- | --- |
/// | `flaky` | any request, 3 %: handler, reset |
/// | `flaky` | any request, 3 %: handler, close |
/// | `flaky` | any request, 3 %: handler, 503 |
/// | `flaky` | any request, 2 %: handler, 502 in HTML |
/// | `flaky` | any request, 2 %: committed, close |
/// | `flaky` | any request, 2 %: answering, truncate |
/// | `outage` | any request, every 2: accept, reset |
/// | `outage` | any request, every 2: handler, 502 in HTML |
/// | `outage` | any request: handler, 503 |
/// | `throttled` | at most 10 a second, 5 at once, with Retry-After |
/// | `throttled` | any request, 2 %: handler, 429 |
/// | `throttled` | any request, 2 %: handler, 429, Retry-After a date in 2 s |
/// | `ambiguous-send` | submitEmail, every 4: committed, reset |
/// | `ambiguous-send` | submitEmail, every 3: committed, 500 |
/// | `ambiguous-send` | submitEmail, every 2: committed, close |
/// | `ambiguous-send` | submitEmail, every 5: answering, truncate |
/// | `ambiguous-send` | submitEmail, every 7: handler, reset |
/// | `token-storm` | any request, every 10: handler, the access token expires |
/// | `token-storm` | any request, every 7: committed, the access token expires |
/// | `token-storm` | a renewal, every 4: handler, 503 |
/// | `token-storm` | a renewal, every 3: handler, 401 |
/// | `token-storm` | a renewal, every 2: committed, reset |
///
/// When several match a request in one phase, the first one strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Preset {
    /// One request in seven fails.
    Flaky,
    /// Every request fails.
    Outage,
    /// The server limits the rate.
    Throttled,
    /// Emails are accepted, and the response is lost.
    AmbiguousSend,
    /// Tokens are revoked early, and are hard to renew.
    TokenStorm,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Flaky, Self::Outage, Self::Throttled, Self::AmbiguousSend, Self::TokenStorm];

    /// Its name: `ambiguous-send`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flaky => "flaky",
            Self::Outage => "outage",
            Self::Throttled => "throttled",
            Self::AmbiguousSend => "ambiguous-send",
            Self::TokenStorm => "token-storm",
        }
    }

    pub(crate) fn limit(self) -> Option<Limit> {
        (self == Self::Throttled).then(|| Limit::new(10.0, 5).with_retry_after())
    }

    /// Its faults. Each has its own seed.
    pub(crate) fn faults(self, seed: u64) -> Vec<Fault> {
        use Effect::{BadGateway, Close, ExpireToken, Reset, Status, TooManyRequests, Truncate, Unauthorized};
        use Phase::{Accept, Answering, Committed, Handler};
        let mut seeds = (0_u64..).map(|n| seed.wrapping_mul(64).wrapping_add(n));
        let mut random = |probability, phase, effect| {
            let matching = Match::any().probability(probability, seeds.next().unwrap_or_default());
            Fault::on(matching).at(phase).effect(effect)
        };
        let every = |matching: Match, n, phase, effect| Fault::on(matching.every(n)).at(phase).effect(effect);
        let send = |n, phase, effect| every(Match::operation("submitEmail"), n, phase, effect);
        match self {
            Self::Flaky => vec![
                random(0.03, Handler, Reset),
                random(0.03, Handler, Close),
                random(0.03, Handler, Status(503)),
                random(0.02, Handler, BadGateway),
                random(0.02, Committed, Close),
                random(0.02, Answering, Truncate),
            ],
            Self::Outage => vec![
                every(Match::any(), 2, Accept, Reset),
                every(Match::any(), 2, Handler, BadGateway),
                Fault::on(Match::any()).at(Handler).effect(Status(503)),
            ],
            Self::Throttled => vec![
                random(0.02, Handler, TooManyRequests(RetryAfter::Absent)),
                random(0.02, Handler, TooManyRequests(RetryAfter::Date(2))),
            ],
            Self::AmbiguousSend => vec![
                send(4, Committed, Reset),
                send(3, Committed, Status(500)),
                send(2, Committed, Close),
                send(5, Answering, Truncate),
                send(7, Handler, Reset),
            ],
            Self::TokenStorm => vec![
                every(Match::any(), 10, Handler, ExpireToken),
                every(Match::any(), 7, Committed, ExpireToken),
                every(Match::renewal(), 4, Handler, Status(503)),
                every(Match::renewal(), 3, Handler, Unauthorized),
                every(Match::renewal(), 2, Committed, Reset),
            ],
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not one of a [`Preset`].
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a preset: use flaky, outage, throttled, ambiguous-send or token-storm")]
pub struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        Self::ALL.into_iter().find(|it| it.name() == name).ok_or_else(|| UnknownPreset(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_the_docs_is_up_to_date() {
        let documented: Vec<_> =
            include_str!("preset.rs").lines().filter_map(|line| line.strip_prefix("/// | `")).collect();
        let mut actual = Vec::new();
        for preset in Preset::ALL {
            actual.extend(preset.limit().map(|limit| format!("{preset}` | {limit} |")));
            actual.extend(preset.faults(1).iter().map(|fault| format!("{preset}` | {fault} |")));
        }
        assert_eq!(documented, actual);
    }

    #[test]
    fn names_are_parsed() {
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse::<Preset>().unwrap(), preset);
        }
        assert!("calm".parse::<Preset>().unwrap_err().to_string().contains("token-storm"));
    }

    #[test]
    fn every_fault_of_a_preset_is_valid() {
        for fault in Preset::ALL.into_iter().flat_map(|preset| preset.faults(1)) {
            assert_eq!(fault.invalid_reason(), None, "{fault}");
        }
    }
}
