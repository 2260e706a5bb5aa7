//! The random faults of the proxy and of the sandbox.

use cakemail::sandbox::{Effect, Fault as SandboxFault, Match};
use cakemail_faults::proxy::{End, Mix, Step};

/// The random faults of the proxy.
pub fn mix() -> Mix {
    use Step::{Body, Connected, Handshake, Head, Idle, Processed, Request, ResponseBody, ResponseHead};
    Mix::default()
        .connections([
            (4, Connected, End::Close),
            (4, Connected, End::Reset),
            (2, Connected, End::Stall),
            (4, Handshake, End::Close),
            (4, Handshake, End::status(400)),
            (2, Handshake, End::Stall),
        ])
        .requests([
            (4, Head, End::Close),
            (3, Head, End::Reset),
            (1, Head, End::Stall),
            (4, Body, End::Close),
            (3, Body, End::Reset),
            (1, Body, End::Stall),
            (2, Body, End::status(413)),
            (6, Request, End::Close),
            (6, Request, End::Reset),
            (1, Request, End::Stall),
            (4, Request, End::garbage()),
            (3, Request, End::success("{}")),
            (4, Request, End::html(502)),
            (4, Request, End::status(503)),
            (3, Request, End::status(408)),
            (3, Request, End::status(400)),
            (4, Request, End::status(429)),
            (6, Processed, End::Close),
            (6, Processed, End::Reset),
            (1, Processed, End::Stall),
            (4, Processed, End::garbage()),
            (4, Processed, End::success("this is not JSON")),
            (4, Processed, End::status(500)),
            (2, Processed, End::html(502)),
            (4, ResponseHead, End::Close),
            (1, ResponseHead, End::Stall),
            (4, ResponseBody, End::Close),
            (3, ResponseBody, End::Reset),
            (1, ResponseBody, End::Stall),
            (10, Idle, End::Close),
        ])
        .large_bodies([
            (200, Body, End::Close),
            (100, Body, End::Reset),
            (200, Body, End::Stall),
            (200, Body, End::status(413)),
        ])
}

/// The random faults of tokens, which only the sandbox can cause.
pub fn token_faults(seed: u64) -> [SandboxFault; 2] {
    let fault =
        |percent, seed, effect| SandboxFault::on(Match::any().probability(percent / 100.0, seed)).effect(effect);
    [fault(0.5, seed, Effect::ExpireToken), fault(0.2, !seed, Effect::SpendRefreshTokens)]
}
