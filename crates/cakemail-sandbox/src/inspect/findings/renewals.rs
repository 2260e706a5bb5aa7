//! `refresh_stampede`: several callers obtained tokens at once, where one token is enough.

use std::time::Duration;

use tokio::time::Instant;

use super::hash;
use crate::api::document::Operation;
use crate::domain::{Fields, Time};
use crate::inspect::bounded_log::BoundedLog;
use crate::inspect::exchange::Exchange;

/// How long a token counts as new.
const NEW_FOR: Duration = Duration::from_secs(10);

/// `TOO_MANY` sign-ins to one account within this time are a finding, when their tokens are hardly used.
const BURST: Duration = Duration::from_secs(1);
const TOO_MANY: usize = 4;

/// New tokens whose response was complete, oldest first.
#[derive(Default)]
pub(super) struct Renewals(BoundedLog<Renewal>);

/// A new token. Only hashes of tokens are remembered.
struct Renewal {
    account: Option<i64>,
    /// The refresh token that it came from; `None` after a sign-in.
    by: Option<u64>,
    token: u64,
    uses: u32,
    request: u64,
    expires: Time,
    /// By the sandbox's clock and by the runtime's.
    since: (Time, Instant),
}

impl Renewal {
    fn is_within(&self, time: Duration, now: Time) -> bool {
        now.since(self.since.0) < time && self.since.1.elapsed() < time
    }
}

impl Renewals {
    pub(super) fn check(&mut self, exchange: &Exchange<'_>, operation: &Operation) -> Option<String> {
        let now = exchange.trace.time;
        self.0.retain(|it| it.is_within(NEW_FOR, now) && now < it.expires);
        if operation.secured {
            self.count_use(exchange);
            return None;
        }
        let by = exchange.body().text("refresh_token").map(hash);
        let message = match by {
            Some(by) => self.renewed(by),
            None if operation.id == "createToken" => self.signed_in(exchange.trace.account, now),
            None => None,
        };
        if let Some(renewal) = issued(exchange, by) {
            self.0.push(renewal);
        }
        message
    }

    /// Counts a use of a token, and removes a token that was refused.
    fn count_use(&mut self, exchange: &Exchange<'_>) {
        if self.0.is_empty() {
            return;
        }
        let Some(token) = exchange.request.token().map(hash) else { return };
        let Some(place) = self.0.iter().position(|it| it.token == token) else { return };
        if exchange.status() == 401 {
            self.0.remove(place);
        } else if let Some(renewal) = self.0.get_mut(place) {
            renewal.uses += 1;
        }
    }

    fn renewed(&self, by: u64) -> Option<String> {
        let earlier = self.0.iter().find(|it| it.by == Some(by))?;
        Some(format!(
            "a refresh token was used again, though request {} had just renewed the access token with it. {FIX}",
            earlier.request
        ))
    }

    fn signed_in(&self, account: Option<i64>, now: Time) -> Option<String> {
        let idle = |it: &&Renewal| it.account == account && it.by.is_none() && it.uses < 2 && it.is_within(BURST, now);
        (account.is_some() && self.0.iter().filter(idle).count() + 1 >= TOO_MANY).then(|| {
            format!("{TOO_MANY} sign-ins to one account within a second, and their tokens were hardly used. {FIX}")
        })
    }
}

const FIX: &str = "Let one caller renew the token, and let the others wait for it and share it";

/// The new token in a response.
fn issued(exchange: &Exchange<'_>, by: Option<u64>) -> Option<Renewal> {
    let response = exchange.success()?;
    let lifetime = Duration::from_secs(response["expires_in"].as_u64()?);
    let now = exchange.trace.time;
    Some(Renewal {
        account: exchange.trace.account,
        by,
        token: hash(response["access_token"].as_str()?),
        uses: 0,
        request: exchange.id,
        expires: now.plus(lifetime),
        since: (now, Instant::now()),
    })
}
