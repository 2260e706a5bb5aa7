//! Points of a worker at which it kills or stops itself: the worst places, which signals from outside rarely hit.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::{Signal, getpid, kill_process};

/// A point that a worker passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A tick begins.
    Tick,
    /// A tick that stores outcomes begins.
    Completing,
    /// Such a tick has committed.
    Completed,
    /// A tick that claimed emails has committed.
    Claimed,
    /// The gate's clock was read: before a claim, and before each write.
    ClockRead,
    /// A submission is handed to the transport.
    Sending,
    /// The response of a submission has arrived.
    Sent,
}

const POINTS: [Point; 7] =
    [Point::Tick, Point::Completing, Point::Completed, Point::Claimed, Point::ClockRead, Point::Sending, Point::Sent];

/// What a worker does to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Action {
    Kill,
    Stop,
}

/// Fires at a random point after a random time, and again.
#[derive(Debug)]
pub struct Traps {
    /// `None` for a worker without traps.
    action: Option<Action>,
    /// The longest time until it fires.
    within: Duration,
    next: Mutex<(Rng, Instant, Point)>,
}

impl Traps {
    pub fn new(action: Option<Action>, within: Duration, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (at, point) = drawn(&mut rng, within);
        Self { action, within, next: Mutex::new((rng, at, point)) }
    }

    /// Passes a point. Returns when the process continues, if it was stopped here.
    pub fn pass(&self, point: Point) {
        let Some(action) = self.action else { return };
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.2 != point || Instant::now() < next.1 {
            return;
        }
        let (at, following) = drawn(&mut next.0, self.within);
        (next.1, next.2) = (at, following);
        drop(next);
        let signal = match action {
            Action::Kill => Signal::KILL,
            Action::Stop => Signal::STOP,
        };
        if let Err(error) = kill_process(getpid(), signal) {
            eprintln!("the worker cannot signal itself: {error}");
        }
    }
}

fn drawn(rng: &mut Rng, within: Duration) -> (Instant, Point) {
    (Instant::now() + within.mul_f64(rng.f64()), POINTS[rng.usize(..POINTS.len())])
}
