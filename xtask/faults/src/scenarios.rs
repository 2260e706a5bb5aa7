//! The table of faults: for each, how often the client attempts the send and which outcome it reports.

use std::fmt::Write as _;
use std::time::Duration;

use cakemail::Credentials;
use cakemail::sandbox::{Effect, Fault, Limit, Match, Phase, RetryAfter, Sandbox};
use cakemail::tokens::{CreateTokenResponse, GrantType, TokenRequest};

use crate::Result;
use crate::report::{Report, attempts};
use crate::test_bed::{TestBed, TransportKind, client, credentials, send};

/// A row of the table: a fault, and how it is injected.
struct Scenario {
    name: &'static str,
    setup: Setup,
}

enum Setup {
    /// A new client meets these faults.
    Faults(Vec<Fault>),
    /// No server listens.
    ConnectionRefused,
    /// The connection is reset after the email was accepted, and the logs show emails only after this delay.
    LogDelay(Duration),
    /// The server allows one request, then ten per second.
    RateLimit,
    /// The server closes an idle connection as the client sends its next request on it.
    IdleConnectionClosed,
    /// A client that is signed in meets these faults.
    SignedIn(Vec<Fault>),
}

const SUBMIT: &str = "submitEmail";

fn submit() -> Match {
    Match::operation(SUBMIT)
}

fn fault(phase: Phase, effect: Effect) -> Setup {
    Setup::Faults(vec![Fault::on(submit()).at(phase).effect(effect)])
}

fn once(phase: Phase, effect: Effect) -> Setup {
    Setup::Faults(vec![Fault::on(submit().times(1)).at(phase).effect(effect)])
}

fn scenarios() -> Vec<Scenario> {
    let row = |name, setup| Scenario { name, setup };
    let expire = || Fault::on(submit().times(1)).effect(Effect::ExpireToken);
    let late = Duration::from_millis(250);
    vec![
        row("no server listens", Setup::ConnectionRefused),
        row("the connection is reset as soon as it is made", fault(Phase::Accept, Effect::Reset)),
        row("the connection is reset before the email is accepted", fault(Phase::Handler, Effect::Reset)),
        row("the connection is reset after the email was accepted", fault(Phase::Committed, Effect::Reset)),
        row("the connection is closed before the email is accepted", fault(Phase::Handler, Effect::Close)),
        row("the connection is closed after the email was accepted", fault(Phase::Committed, Effect::Close)),
        row("an idle connection is closed as it is reused", Setup::IdleConnectionClosed),
        row("no response, email not accepted", fault(Phase::Handler, Effect::Stall)),
        row("no response, email accepted", fault(Phase::Committed, Effect::Stall)),
        row("the response is truncated", fault(Phase::Answering, Effect::Truncate)),
        row("the response arrives byte by byte", fault(Phase::Answering, Effect::Drip(Duration::from_micros(200)))),
        row("the response is not HTTP, email not accepted", fault(Phase::Handler, Effect::Garbage)),
        row("the response is not HTTP, email accepted", fault(Phase::Committed, Effect::Garbage)),
        row("the response's headers never end", fault(Phase::Committed, Effect::EndlessHeaders)),
        row("201 with a body that is not JSON", fault(Phase::Committed, Effect::NotJson)),
        row("502 with an HTML body, email not accepted", fault(Phase::Handler, Effect::BadGateway)),
        row("502 with an HTML body, email accepted", fault(Phase::Committed, Effect::BadGateway)),
        row("500, email not accepted", fault(Phase::Handler, Effect::Status(500))),
        row("500, email accepted", fault(Phase::Committed, Effect::Status(500))),
        row("503", fault(Phase::Handler, Effect::Status(503))),
        row("408", fault(Phase::Handler, Effect::Status(408))),
        row("400", fault(Phase::Handler, Effect::Status(400))),
        row("429 once, Retry-After in seconds", once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Seconds(1)))),
        row("429 once, Retry-After a date", once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Date(1)))),
        row("429 once, no Retry-After", once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Absent))),
        row(
            "429 once, Retry-After invalid",
            once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Text("-soon".into()))),
        ),
        row("429 always", fault(Phase::Handler, Effect::TooManyRequests(RetryAfter::Absent))),
        row("the sends exceed a rate limit", Setup::RateLimit),
        row("401 once", Setup::SignedIn(vec![Fault::on(submit().times(1)).effect(Effect::Unauthorized)])),
        row("the access token expires between two calls", Setup::SignedIn(vec![expire()])),
        row(
            "the access token expires, and the refresh token is revoked",
            Setup::SignedIn(vec![
                expire(),
                Fault::on(submit().times(1)).at(Phase::Answering).effect(Effect::SpendRefreshTokens),
            ]),
        ),
        row(
            "the access token expires, and its renewal gets a 503 once",
            Setup::SignedIn(vec![expire(), Fault::on(Match::renewal().times(1)).effect(Effect::Status(503))]),
        ),
        row("reset after acceptance, the logs are 250 ms late", Setup::LogDelay(late)),
        row("reset after acceptance, the logs are an hour late", Setup::LogDelay(Duration::from_secs(3600))),
    ]
}

/// Runs every scenario over both transports, with and without a key, and returns the table.
pub async fn run() -> Result<String> {
    let mut table = String::from(
        "| fault | key | attempts | requests | accepted | reported |\n| --- | --- | ---: | ---: | ---: | --- |\n",
    );
    for scenario in scenarios() {
        for keyed in [false, true] {
            let mut rows = Vec::new();
            for transport in TransportKind::ALL {
                let row = row(&scenario, transport, keyed)
                    .await
                    .map_err(|error| format!("{}, {transport:?}: {error}", scenario.name))?;
                rows.push((transport, row));
            }
            let key = if keyed { "yes" } else { "no" };
            match rows.as_slice() {
                [(_, one), (_, other)] if one == other => writeln!(table, "| {} | {key} | {one} |", scenario.name)?,
                _ => {
                    for (transport, row) in rows {
                        writeln!(table, "| {} ({transport:?}) | {key} | {row} |", scenario.name)?;
                    }
                }
            }
        }
    }
    Ok(table)
}

async fn row(scenario: &Scenario, transport: TransportKind, keyed: bool) -> Result<String> {
    let sandbox = Sandbox::start().await?;
    let setup = client(&sandbox, transport, credentials(&sandbox))?;
    let bed = TestBed::new(&setup, &sandbox).await?;
    // A new client, which has no connection yet, unless the scenario is about a later call.
    let client = match scenario.setup {
        Setup::SignedIn(_) | Setup::IdleConnectionClosed => setup,
        _ => client(&sandbox, transport, access_token(&setup, &sandbox).await?)?,
    };
    let mut reuse = None;
    match &scenario.setup {
        Setup::Faults(faults) | Setup::SignedIn(faults) => {
            for fault in faults {
                sandbox.fault(fault.clone());
            }
        }
        Setup::ConnectionRefused => sandbox.refuse_connections_for(Duration::from_secs(3600))?,
        Setup::LogDelay(lag) => {
            sandbox.lag_logs(*lag);
            sandbox.fault(Fault::on(submit()).at(Phase::Committed).effect(Effect::Reset));
        }
        Setup::RateLimit => {
            sandbox.limit(Limit::new(10.0, 1).with_retry_after());
            let _ = client.users().me().await; // uses the one request that is allowed at once
        }
        Setup::IdleConnectionClosed => {
            client.users().me().await?;
            reuse = Some(sandbox.fault(Fault::on(submit().reused()).effect(Effect::Close)));
        }
    }
    let mut number = 0;
    loop {
        let (recipient, before) = (format!("ada{number}@example.org"), sandbox.ledger().posts());
        let result = send(&client, &bed.email(&recipient), keyed).await;
        number += 1;
        // The pool may not have its connection back yet and open another one; then the fault does not occur.
        if reuse.as_ref().is_some_and(|fault| fault.hits() == 0) && number < 100 {
            continue;
        }
        let (report, ledger) = (Report::of(&result), sandbox.ledger());
        return match report.contradiction(&ledger, &recipient) {
            Some(contradiction) => Err(contradiction.into()),
            None => {
                let (posts, accepted) = (ledger.posts() - before, ledger.accepted(&recipient));
                Ok(format!("{} | {posts} | {accepted} | {report}", attempts(&result)))
            }
        };
    }
}

/// Credentials for a client whose first request is the send.
async fn access_token(client: &cakemail::Client, sandbox: &Sandbox) -> Result<Credentials> {
    let request =
        TokenRequest::new().grant_type(GrantType::Password).username(sandbox.email()).password(sandbox.password());
    match client.tokens().create(&request).await? {
        CreateTokenResponse::Token(token) => Ok(Credentials::access_token(token.access_token)),
        other => Err(format!("the sandbox issued no token: {other:?}").into()),
    }
}
