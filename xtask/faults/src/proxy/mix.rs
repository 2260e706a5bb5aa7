//! A plan that draws its faults at random.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;

use super::{End, Event, Fault, Plan, Step};

/// The faults of connections, requests and large bodies, each with how often it strikes, of a thousand.
#[derive(Debug, Clone, Default)]
pub struct Mix {
    connections: Vec<(u32, Fault)>,
    requests: Vec<(u32, Fault)>,
    large_bodies: Vec<(u32, Fault)>,
}

impl Mix {
    /// Connections and requests that break at every step, before and after acceptance. None refuses an email for good.
    pub fn breaking() -> Self {
        use Step::{Body, Connected, Head, Idle, Processed, Request, ResponseBody, ResponseHead};
        Self::default()
            .connections([(4, Connected, End::Close), (4, Connected, End::Reset), (2, Connected, End::Stall)])
            .requests([
                (4, Head, End::Close),
                (3, Head, End::Reset),
                (4, Body, End::Close),
                (3, Body, End::Reset),
                (1, Body, End::Stall),
                (6, Request, End::Close),
                (6, Request, End::Reset),
                (1, Request, End::Stall),
                (4, Request, End::garbage()),
                (3, Request, End::success("{}")),
                (4, Request, End::html(502)),
                (4, Request, End::status(503)),
                (3, Request, End::status(408)),
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
    }

    /// Adds faults of connections.
    pub fn connections<const N: usize>(mut self, faults: [(u32, Step, End); N]) -> Self {
        self.connections.extend(weighted(faults));
        self
    }

    /// Adds faults of requests.
    pub fn requests<const N: usize>(mut self, faults: [(u32, Step, End); N]) -> Self {
        self.requests.extend(weighted(faults));
        self
    }

    /// Adds faults of large bodies.
    pub fn large_bodies<const N: usize>(mut self, faults: [(u32, Step, End); N]) -> Self {
        self.large_bodies.extend(weighted(faults));
        self
    }

    /// Draws faults while it is armed.
    pub fn plan(self, seed: u64, armed: &Arc<AtomicBool>) -> Plan {
        let armed = Arc::clone(armed);
        let rng = Mutex::new(Rng::with_seed(seed));
        Box::new(move |event| {
            if !armed.load(Ordering::SeqCst) {
                return None;
            }
            let drawn = rng.lock().unwrap_or_else(PoisonError::into_inner).u32(..1000);
            self.draw(event, drawn)
        })
    }

    fn draw(&self, event: Event<'_>, mut drawn: u32) -> Option<Fault> {
        let faults = match event {
            Event::Connection => &self.connections,
            Event::Request { .. } => &self.requests,
            Event::LargeBody => &self.large_bodies,
        };
        for (weight, fault) in faults {
            match drawn.checked_sub(*weight) {
                // A rejected login is no fault: it means that the credentials are wrong.
                None if is_token_request(event) && fault.end == End::status(400) => return None,
                None => return Some(fault.clone()),
                Some(rest) => drawn = rest,
            }
        }
        None
    }
}

fn weighted<const N: usize>(faults: [(u32, Step, End); N]) -> [(u32, Fault); N] {
    faults.map(|(weight, step, end)| (weight, Fault::new(step, end)))
}

fn is_token_request(event: Event<'_>) -> bool {
    matches!(event, Event::Request { start, .. } if start.starts_with(b"POST /token"))
}
