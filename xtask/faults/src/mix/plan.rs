//! The random faults of the proxy and of the sandbox.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cakemail::sandbox::{Effect, Fault as SandboxFault, Match};
use fastrand::Rng;

use crate::proxy::{End, Event, Fault, Plan, Step};

/// Each fault with how often it strikes, of a thousand.
type Mix = Vec<(u32, Fault)>;

fn connections() -> Mix {
    use Step::{Connected, Handshake};
    let mix = [
        (4, Connected, End::Close),
        (4, Connected, End::Reset),
        (2, Connected, End::Stall),
        (4, Handshake, End::Close),
        (4, Handshake, End::status(400)),
        (2, Handshake, End::Stall),
    ];
    mix.map(|(weight, step, end)| (weight, Fault::new(step, end))).to_vec()
}

fn requests() -> Mix {
    use Step::{Body, Head, Idle, Processed, Request, ResponseBody, ResponseHead};
    let mix = [
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
    ];
    mix.map(|(weight, step, end)| (weight, Fault::new(step, end))).to_vec()
}

fn large_bodies() -> Mix {
    let mix = [(200, End::Close), (100, End::Reset), (200, End::Stall), (200, End::status(413))];
    mix.map(|(weight, end)| (weight, Fault::new(Step::Body, end))).to_vec()
}

/// The random plan of a proxy, while it is armed.
pub fn plan(seed: u64, armed: &Arc<AtomicBool>) -> Plan {
    let armed = Arc::clone(armed);
    let rng = Mutex::new(Rng::with_seed(seed));
    let (connections, requests, large_bodies) = (connections(), requests(), large_bodies());
    Box::new(move |event| {
        if !armed.load(Ordering::SeqCst) {
            return None;
        }
        let mix = match event {
            Event::Connection => &connections,
            Event::Request { .. } => &requests,
            Event::LargeBody => &large_bodies,
        };
        let mut drawn = rng.lock().unwrap_or_else(PoisonError::into_inner).u32(..1000);
        for (weight, fault) in mix {
            match drawn.checked_sub(*weight) {
                // A rejected login is no fault: it means that the credentials are wrong.
                None if is_token_request(event) && fault.end == End::status(400) => return None,
                None => return Some(fault.clone()),
                Some(rest) => drawn = rest,
            }
        }
        None
    })
}

fn is_token_request(event: Event<'_>) -> bool {
    matches!(event, Event::Request { start, .. } if start.starts_with(b"POST /token"))
}

/// The random faults of tokens, which only the sandbox can cause.
pub fn token_faults(seed: u64) -> [SandboxFault; 2] {
    let fault =
        |percent, seed, effect| SandboxFault::on(Match::any().probability(percent / 100.0, seed)).effect(effect);
    [fault(0.5, seed, Effect::ExpireToken), fault(0.2, !seed, Effect::SpendRefreshTokens)]
}
