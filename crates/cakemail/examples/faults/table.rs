//! Every fault, once: what the client does about it and what it says in the end.

use std::fmt::Write as _;
use std::time::Duration;

use cakemail::Credentials;
use cakemail::sandbox::{Effect, Fault, Limit, Match, Phase, RetryAfter, Sandbox};
use cakemail::tokens::{CreateTokenResponse, GrantType, TokenRequest};

use crate::trial::{Anyhow, Desk, Over, Report, attempts, client, contradiction, send, user};

/// A row: what goes wrong, and how it is set up.
struct Case {
    name: &'static str,
    set: Set,
}

enum Set {
    /// These faults.
    Faults(Vec<Fault>),
    /// Nobody listens.
    Refused,
    /// Answers are lost, and the logs know of it so much later.
    Lag(Duration),
    /// So many at once, and one more each tenth of a second.
    Bucket,
    /// The client's idle connection closes under its next request.
    Reuse,
    /// The access token ends, and then what renews it does, too.
    Tokens(Vec<Fault>),
}

const SUBMIT: &str = "submitEmail";

fn submit() -> Match {
    Match::operation(SUBMIT)
}

fn fault(phase: Phase, effect: Effect) -> Set {
    Set::Faults(vec![Fault::on(submit()).at(phase).effect(effect)])
}

fn once(phase: Phase, effect: Effect) -> Set {
    Set::Faults(vec![Fault::on(submit().times(1)).at(phase).effect(effect)])
}

fn cases() -> Vec<Case> {
    let case = |name, set| Case { name, set };
    let expire = || Fault::on(submit().times(1)).effect(Effect::ExpireToken);
    let late = Duration::from_millis(250);
    vec![
        case("nobody listens", Set::Refused),
        case("reset when the connection is made", fault(Phase::Accept, Effect::Reset)),
        case("reset before it is accepted", fault(Phase::Handler, Effect::Reset)),
        case("reset after it is accepted", fault(Phase::Committed, Effect::Reset)),
        case("closed before it is accepted", fault(Phase::Handler, Effect::Close)),
        case("closed after it is accepted", fault(Phase::Committed, Effect::Close)),
        case("idle connection closed on reuse", Set::Reuse),
        case("no answer, and it is not accepted", fault(Phase::Handler, Effect::Stall)),
        case("no answer, and it is accepted", fault(Phase::Committed, Effect::Stall)),
        case("answer cut off", fault(Phase::Answering, Effect::Truncate)),
        case("answer in drips", fault(Phase::Answering, Effect::Drip(Duration::from_micros(200)))),
        case("garbage before it is accepted", fault(Phase::Handler, Effect::Garbage)),
        case("garbage after it is accepted", fault(Phase::Committed, Effect::Garbage)),
        case("endless headers", fault(Phase::Committed, Effect::EndlessHeaders)),
        case("201 that is not JSON", fault(Phase::Committed, Effect::NotJson)),
        case("502 in HTML, not accepted", fault(Phase::Handler, Effect::BadGateway)),
        case("502 in HTML, accepted", fault(Phase::Committed, Effect::BadGateway)),
        case("500, not accepted", fault(Phase::Handler, Effect::Status(500))),
        case("500, accepted", fault(Phase::Committed, Effect::Status(500))),
        case("503", fault(Phase::Handler, Effect::Status(503))),
        case("408", fault(Phase::Handler, Effect::Status(408))),
        case("400", fault(Phase::Handler, Effect::Status(400))),
        case("429 once, Retry-After in seconds", once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Seconds(1)))),
        case("429 once, Retry-After a date", once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Date(1)))),
        case("429 once, no Retry-After", once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Absent))),
        case(
            "429 once, an absurd Retry-After",
            once(Phase::Handler, Effect::TooManyRequests(RetryAfter::Text("-soon".into()))),
        ),
        case("429 always", fault(Phase::Handler, Effect::TooManyRequests(RetryAfter::Absent))),
        case("over a rate limit", Set::Bucket),
        case("401 once", Set::Tokens(vec![Fault::on(submit().times(1)).effect(Effect::Unauthorized)])),
        case("token expires under way", Set::Tokens(vec![expire()])),
        case(
            "and the refresh token was used up",
            Set::Tokens(vec![
                expire(),
                Fault::on(submit().times(1)).at(Phase::Answering).effect(Effect::SpendRefreshTokens),
            ]),
        ),
        case(
            "and its renewal meets a 503",
            Set::Tokens(vec![expire(), Fault::on(Match::renewal().times(1)).effect(Effect::Status(503))]),
        ),
        case("reset after it is accepted, the logs late", Set::Lag(late)),
        case("reset after it is accepted, the logs too late", Set::Lag(Duration::from_secs(3600))),
    ]
}

/// Runs every case over both transports, with and without a key, and writes the table.
pub async fn run() -> Anyhow<String> {
    let mut table = String::from(
        "| fault | sent | attempts | posts | accepted | reported |\n| --- | --- | ---: | ---: | ---: | --- |\n",
    );
    for case in cases() {
        for keyed in [false, true] {
            let mut rows = Vec::new();
            for over in Over::BOTH {
                let row = row(&case, over, keyed).await.map_err(|error| format!("{}, {over:?}: {error}", case.name))?;
                rows.push((over, row));
            }
            let sent = if keyed { "with a key" } else { "without" };
            match rows.as_slice() {
                [(_, one), (_, other)] if one == other => writeln!(table, "| {} | {sent} | {one} |", case.name)?,
                _ => {
                    for (over, row) in rows {
                        writeln!(table, "| {} ({over:?}) | {sent} | {row} |", case.name)?;
                    }
                }
            }
        }
    }
    Ok(table)
}

async fn row(case: &Case, over: Over, keyed: bool) -> Anyhow<String> {
    let sandbox = Sandbox::start().await?;
    let setup = client(&sandbox, over, user(&sandbox))?;
    let desk = Desk::new(&setup, &sandbox).await?;
    // A client whose first connection is still to be made, unless the case is about what comes later.
    let client = match case.set {
        Set::Tokens(_) | Set::Reuse => setup,
        _ => client(&sandbox, over, token(&setup, &sandbox).await?)?,
    };
    let mut reuse = None;
    match &case.set {
        Set::Faults(faults) | Set::Tokens(faults) => {
            for fault in faults {
                sandbox.fault(fault.clone());
            }
        }
        Set::Refused => sandbox.refuse_connections_for(Duration::from_secs(3600))?,
        Set::Lag(lag) => {
            sandbox.lag_logs(*lag);
            sandbox.fault(Fault::on(submit()).at(Phase::Committed).effect(Effect::Reset));
        }
        Set::Bucket => {
            sandbox.limit(Limit::new(10.0, 1).with_retry_after());
            let _ = client.users().me().await; // takes what there was
        }
        Set::Reuse => {
            client.users().me().await?;
            reuse = Some(sandbox.fault(Fault::on(submit().reused()).effect(Effect::Close)));
        }
    }
    let mut number = 0;
    loop {
        let (recipient, before) = (format!("ada{number}@example.org"), sandbox.ledger().posts());
        let result = send(&client, &desk.email(&recipient), keyed).await;
        number += 1;
        // A pool that has not its connection back yet makes another: then nothing was reused, and nothing is seen.
        if reuse.as_ref().is_some_and(|fault| fault.hits() == 0) && number < 100 {
            continue;
        }
        let (report, ledger) = (Report::of(&result), sandbox.ledger());
        return match contradiction(&ledger, &recipient, report) {
            Some(wrong) => Err(wrong.into()),
            None => {
                let (posts, accepted) = (ledger.posts() - before, ledger.accepted(&recipient));
                Ok(format!("{} | {posts} | {accepted} | {report}", attempts(&result)))
            }
        };
    }
}

/// An access token, for clients that are to make no call but the one that is looked at.
async fn token(client: &cakemail::Client, sandbox: &Sandbox) -> Anyhow<Credentials> {
    let request =
        TokenRequest::new().grant_type(GrantType::Password).username(sandbox.email()).password(sandbox.password());
    match client.tokens().create(&request).await? {
        CreateTokenResponse::Token(token) => Ok(Credentials::access_token(token.access_token)),
        other => Err(format!("no token: {other:?}").into()),
    }
}
