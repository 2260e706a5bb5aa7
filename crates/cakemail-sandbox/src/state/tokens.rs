//! Who is signed in.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::clock::Time;
use crate::profile::{Profile, RefreshTokens};

/// How long a second factor is waited for.
const CHALLENGE: Duration = Duration::from_secs(600);

#[derive(Default)]
pub(crate) struct Tokens {
    access: HashMap<String, (usize, Time)>,
    refresh: HashMap<String, usize>,
    challenges: HashMap<String, (usize, Time)>,
}

/// A pair of tokens, and the access token's lifetime.
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) lifetime: Duration,
}

impl Tokens {
    /// Tokens for the account at `account`.
    pub(crate) fn issue(&mut self, account: usize, now: Time, lifetime: Duration) -> Pair {
        let refresh = secret();
        self.refresh.insert(refresh.clone(), account);
        self.renew(account, refresh, now, lifetime)
    }

    fn renew(&mut self, account: usize, refresh: String, now: Time, lifetime: Duration) -> Pair {
        self.access.retain(|_, (_, expires)| *expires > now);
        let access = secret();
        self.access.insert(access.clone(), (account, now.plus(lifetime)));
        Pair { access, refresh, lifetime }
    }

    pub(crate) fn refresh(&mut self, token: &str, now: Time, lifetime: Duration, profile: &Profile) -> Option<Pair> {
        let account = *self.refresh.get(token)?;
        if profile.refresh_tokens == RefreshTokens::Reusable {
            return Some(self.renew(account, token.into(), now, lifetime));
        }
        self.refresh.remove(token);
        Some(self.issue(account, now, lifetime))
    }

    /// The account of a token that is known and still good.
    pub(crate) fn account(&self, access: &str, now: Time) -> Option<usize> {
        self.access.get(access).filter(|(_, expires)| *expires > now).map(|(account, _)| *account)
    }

    /// Ends an access token.
    pub(crate) fn expire(&mut self, access: &str) {
        self.access.remove(access);
    }

    /// Ends all refresh tokens.
    pub(crate) fn spend_refresh_tokens(&mut self) {
        self.refresh.clear();
    }

    /// The account that a refresh token is for.
    pub(crate) fn refreshable(&self, token: &str) -> Option<usize> {
        self.refresh.get(token).copied()
    }

    pub(crate) fn challenge(&mut self, account: usize, now: Time) -> String {
        self.challenges.retain(|_, (_, expires)| *expires > now);
        let challenge = secret();
        self.challenges.insert(challenge.clone(), (account, now.plus(CHALLENGE)));
        challenge
    }

    pub(crate) fn challenged(&self, challenge: &str, now: Time) -> Option<usize> {
        self.challenges.get(challenge).filter(|(_, expires)| *expires > now).map(|(account, _)| *account)
    }

    pub(crate) fn answered(&mut self, challenge: &str) {
        self.challenges.remove(challenge);
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// Something that nobody guesses.
pub(crate) fn secret() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}
