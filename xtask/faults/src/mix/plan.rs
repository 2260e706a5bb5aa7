//! The random faults of the proxy and of the sandbox.

use cakemail::sandbox::{Effect, Fault as SandboxFault, Match};
use cakemail_faults::proxy::{End, Mix, Step};

/// The random faults of the proxy.
pub fn mix() -> Mix {
    use Step::{Body, Handshake, Head, Request};
    Mix::breaking()
        .connections([(4, Handshake, End::Close), (4, Handshake, End::status(400)), (2, Handshake, End::Stall)])
        .requests([
            (1, Head, End::Stall),
            (2, Body, End::status(413)),
            (3, Request, End::status(400)),
            (4, Request, End::status(429)),
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
