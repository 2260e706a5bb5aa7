//! `refresh_stampede`: tokens asked for by many at once, where one would do.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::{Seen, hash, push};
use crate::api::Fields;
use crate::api::document::Operation;
use crate::domain::Time;

/// How long a token is new.
const NEW: Duration = Duration::from_secs(10);

/// Within this time so many sign-ins of one account are too many, when their tokens are hardly used.
const AT_ONCE: Duration = Duration::from_secs(1);
const TOO_MANY: usize = 4;

/// New tokens that were answered whole, oldest first.
#[derive(Default)]
pub(super) struct Renewals(VecDeque<Renewal>);

/// A new token. Tokens are told by their hashes.
struct Renewal {
    account: Option<i64>,
    /// The refresh token that brought it; none when somebody signed in.
    by: Option<u64>,
    token: u64,
    uses: u32,
    request: u64,
    expires: Time,
    /// By the sandbox's clock, and by the runtime's.
    since: (Time, Instant),
}

impl Renewal {
    fn is_within(&self, time: Duration, now: Time) -> bool {
        now.since(self.since.0) < time && self.since.1.elapsed() < time
    }
}

impl Renewals {
    pub(super) fn note(&mut self, seen: &Seen<'_>, operation: &Operation) -> Option<String> {
        let now = seen.trace.time;
        self.0.retain(|it| it.is_within(NEW, now) && now < it.expires);
        if operation.secured {
            self.used(seen);
            return None;
        }
        let by = seen.body(operation).text("refresh_token").map(hash);
        let message = match by {
            Some(by) => self.renewed(by),
            None if operation.id == "createToken" => self.signed_in(seen.trace.account, now),
            None => None,
        };
        if let Some(renewal) = issued(seen, by) {
            push(&mut self.0, renewal);
        }
        message
    }

    /// Counts a use of a token. One that is refused is no longer any good.
    fn used(&mut self, seen: &Seen<'_>) {
        if self.0.is_empty() {
            return;
        }
        let Some(token) = seen.request.token().map(hash) else { return };
        let Some(place) = self.0.iter().position(|it| it.token == token) else { return };
        if seen.status() == 401 {
            self.0.remove(place);
        } else {
            self.0[place].uses += 1;
        }
    }

    fn renewed(&self, by: u64) -> Option<String> {
        let earlier = self.0.iter().find(|it| it.by == Some(by))?;
        Some(format!(
            "a refresh token was used again, though request {} had just renewed the access token with it. {MEND}",
            earlier.request
        ))
    }

    fn signed_in(&self, account: Option<i64>, now: Time) -> Option<String> {
        let idle =
            |it: &&Renewal| it.account == account && it.by.is_none() && it.uses < 2 && it.is_within(AT_ONCE, now);
        (account.is_some() && self.0.iter().filter(idle).count() + 1 >= TOO_MANY).then(|| {
            format!("{TOO_MANY} sign-ins to one account within a second, and their tokens were hardly used. {MEND}")
        })
    }
}

const MEND: &str = "Let one caller renew the token, and the others wait for that and share it";

/// The token that an answer brings.
fn issued(seen: &Seen<'_>, by: Option<u64>) -> Option<Renewal> {
    let answer = seen.success()?;
    let lifetime = Duration::from_secs(answer["expires_in"].as_u64()?);
    let now = seen.trace.time;
    Some(Renewal {
        account: seen.trace.account,
        by,
        token: hash(answer["access_token"].as_str()?),
        uses: 0,
        request: seen.id,
        expires: now.plus(lifetime),
        since: (now, Instant::now()),
    })
}
