//! The rows of the table: what happens to a call.

use std::time::Duration;

use cakemail::sandbox::{Effect, Fault as SandboxFault, Match, Phase};

use crate::test_bed::TransportKind;
use cakemail_faults::proxy::{End, Fault, Security, Step};

/// A row: what happens, and how it is made to happen.
pub struct Happening {
    pub name: String,
    pub cause: Cause,
    /// Only in this security; `None` in both.
    pub security: Option<Security>,
    /// Whether the email fits in no socket's buffer.
    pub is_large: bool,
    /// Whether the call waits until the attempt timeout.
    pub stalls: bool,
    /// The calls to which it can happen.
    pub kinds: &'static [Kind],
}

/// A column: the kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Change,
    Send,
    SendIdempotent,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Read, Self::Change, Self::Send, Self::SendIdempotent];

    /// The start of its request.
    pub fn request(self) -> &'static str {
        match self {
            Self::Read => "GET /lists/",
            Self::Change => "PATCH /lists/",
            Self::Send | Self::SendIdempotent => "POST /v2/emails",
        }
    }
}

/// Where a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub transport: TransportKind,
    pub security: Security,
}

impl Place {
    pub fn name(self) -> String {
        format!("`{}` on {}", self.transport.name(), self.security.name())
    }
}

impl Happening {
    /// Where it can happen.
    pub fn places(&self) -> impl Iterator<Item = Place> + Clone + use<> {
        let only = self.security;
        let securities = [Security::Tcp, Security::Tls].into_iter();
        let securities = securities.filter(move |security| only.is_none_or(|only| only == *security));
        TransportKind::ALL
            .into_iter()
            .flat_map(move |transport| securities.clone().map(move |security| Place { transport, security }))
    }
}

pub enum Cause {
    /// The proxy does this to each of the call's requests.
    Every(Fault),
    /// The proxy does this to the first of them.
    Once(Fault),
    /// No server listens.
    ConnectionRefused,
    /// The server does not accept the connection: the connect timeout ends first, or the attempt timeout.
    ConnectStall { connect_timeout: Duration },
    /// The server closes the connection after an earlier response.
    IdleClosed,
    /// The server closes a connection as the next request arrives on it.
    ClosedAtReuse,
    /// The sandbox does this to a client that is signed in.
    SignedIn(Vec<SandboxFault>),
    /// The response is lost, and the logs show an email only after this delay.
    LogDelay(Duration),
}

/// All rows, in the order of the steps of a request.
pub fn happenings() -> Vec<Happening> {
    let row = |name: &str, cause| Happening {
        name: name.to_owned(),
        stalls: matches!(cause, Cause::Every(Fault { end: End::Stall, .. }) | Cause::ConnectStall { .. }),
        cause,
        security: None,
        is_large: false,
        kinds: &Kind::ALL,
    };
    let every = |name: &str, step, end| row(name, Cause::Every(Fault::new(step, end)));
    let tls = |name: &str, end| Happening { security: Some(Security::Tls), ..every(name, Step::Handshake, end) };
    let large = |name: &str, end| Happening {
        is_large: true,
        kinds: &[Kind::Send, Kind::SendIdempotent],
        ..every(name, Step::Body, end)
    };
    let late = |name: &str, delay| Happening { kinds: &[Kind::SendIdempotent], ..row(name, Cause::LogDelay(delay)) };
    let (short, long) = (Duration::from_millis(300), Duration::from_secs(60));
    let mut rows = vec![
        row("no server listens", Cause::ConnectionRefused),
        row("connecting stalls until the connect timeout", Cause::ConnectStall { connect_timeout: short }),
        row("connecting stalls until the attempt timeout", Cause::ConnectStall { connect_timeout: long }),
        tls("the TLS handshake stalls", End::Stall),
        tls("closed in the TLS handshake", End::Close),
        tls("no TLS in the response to the handshake", End::status(400)),
        row("an idle connection was closed", Cause::IdleClosed),
        row("an idle connection is closed as the request arrives", Cause::ClosedAtReuse),
        every("closed, a part of the head was read", Step::Head, End::Close),
        every("stalled, a part of the head was read", Step::Head, End::Stall),
        large("closed, a part of a large body was read", End::Close),
        large("stalled, a part of a large body was read", End::Stall),
        large("413, a part of a large body was read", End::status(413)),
    ];
    for (step, state) in [(Step::Request, "not processed"), (Step::Processed, "processed")] {
        rows.extend([
            every(&format!("closed, {state}"), step, End::Close),
            every(&format!("reset, {state}"), step, End::Reset),
            every(&format!("stalled, {state}"), step, End::Stall),
            every(&format!("not HTTP, {state}"), step, End::garbage()),
        ]);
    }
    rows.extend([
        every("closed in the head of the response", Step::ResponseHead, End::Close),
        every("the headers of the response never end", Step::Processed, End::EndlessHeaders),
        every("closed in the body of the response", Step::ResponseBody, End::Close),
        every("stalled in the body of the response", Step::ResponseBody, End::Stall),
        every("2xx, the body is not JSON, not processed", Step::Request, End::success("this is not JSON")),
        every("2xx, the body is not JSON, processed", Step::Processed, End::success("this is not JSON")),
        every("2xx, the body is other JSON, not processed", Step::Request, End::success("{}")),
        every("2xx, the body is other JSON, processed", Step::Processed, End::success("{}")),
        every("2xx, byte by byte", Step::Processed, End::Drip),
    ]);
    rows.extend([301, 400, 403, 404, 409, 413, 422].map(|it| every(&it.to_string(), Step::Request, End::status(it))));
    for (step, state) in [(Step::Request, "not processed"), (Step::Processed, "processed")] {
        rows.extend([408, 500, 503, 504].map(|it| every(&format!("{it}, {state}"), step, End::status(it))));
        rows.push(every(&format!("502 in HTML, {state}"), step, End::html(502)));
    }
    let once = |name: &str, end| row(name, Cause::Once(Fault::new(Step::Request, end)));
    rows.extend([
        once("429 once", End::status(429)),
        once("429 once, Retry-After: 1", End::status_with(429, "Retry-After: 1")),
        every("429 always", Step::Request, End::status(429)),
        every("429, Retry-After: 3600", Step::Request, End::status_with(429, "Retry-After: 3600")),
    ]);
    let target = || Match::any().times(1);
    let expire = || SandboxFault::on(target()).effect(Effect::ExpireToken);
    let renewal = |effect| SandboxFault::on(Match::renewal().times(1)).effect(effect);
    rows.extend([
        row("401 once", Cause::SignedIn(vec![SandboxFault::on(target()).effect(Effect::Unauthorized)])),
        every("401 always", Step::Request, End::status(401)),
        row("the access token has expired", Cause::SignedIn(vec![expire()])),
        row(
            "it has expired, and the refresh token is spent",
            Cause::SignedIn(vec![
                expire(),
                SandboxFault::on(target()).at(Phase::Answering).effect(Effect::SpendRefreshTokens),
            ]),
        ),
        row(
            "it has expired, and the renewal gets a 503",
            Cause::SignedIn(vec![expire(), renewal(Effect::Status(503))]),
        ),
        Happening {
            stalls: true,
            ..row("it has expired, and the renewal stalls", Cause::SignedIn(vec![expire(), renewal(Effect::Stall)]))
        },
        late("closed, processed; the logs are 250 ms late", Duration::from_millis(250)),
        late("closed, processed; the logs are an hour late", Duration::from_secs(3600)),
    ]);
    rows
}
