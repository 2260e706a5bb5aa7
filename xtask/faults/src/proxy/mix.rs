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
    /// Sets the faults of connections.
    pub fn connections<const N: usize>(self, faults: [(u32, Step, End); N]) -> Self {
        Self { connections: weighted(faults), ..self }
    }

    /// Sets the faults of requests.
    pub fn requests<const N: usize>(self, faults: [(u32, Step, End); N]) -> Self {
        Self { requests: weighted(faults), ..self }
    }

    /// Sets the faults of large bodies.
    pub fn large_bodies<const N: usize>(self, faults: [(u32, Step, End); N]) -> Self {
        Self { large_bodies: weighted(faults), ..self }
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

fn weighted<const N: usize>(faults: [(u32, Step, End); N]) -> Vec<(u32, Fault)> {
    faults.map(|(weight, step, end)| (weight, Fault::new(step, end))).to_vec()
}

fn is_token_request(event: Event<'_>) -> bool {
    matches!(event, Event::Request { start, .. } if start.starts_with(b"POST /token"))
}
