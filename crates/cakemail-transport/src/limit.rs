//! The most connections that may be in use, and the callers that wait for one.
//!
//! A permit belongs to the future that uses it and is returned when that is dropped. A waiting caller owns nothing: when
//! a permit is free, the first callers are woken and take it when they are polled. One that is not polled misses its
//! turn after a grace.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How long a free permit is left to each waiting caller that was woken for it.
const GRACE: Duration = Duration::from_millis(50);

/// Hands out a number of permits, in the order in which callers ask.
pub(crate) struct Limit {
    max: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    in_use: usize,
    next_ticket: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl Limit {
    /// A limit of at least one.
    pub(crate) fn new(max: usize) -> Self {
        Self { max: max.max(1), state: Mutex::default() }
    }

    #[cfg(feature = "hyper")]
    pub(crate) fn max(&self) -> usize {
        self.max
    }

    pub(crate) fn in_use(&self) -> usize {
        self.state().in_use
    }

    /// Waits for a permit.
    pub(crate) async fn acquire(&self) -> Permit<'_> {
        match self.try_acquire() {
            Some(permit) => permit,
            None => Box::pin(self.wait()).await,
        }
    }

    fn try_acquire(&self) -> Option<Permit<'_>> {
        let mut state = self.state();
        let is_free = state.in_use < self.max && state.waiting.is_empty();
        is_free.then(|| {
            state.in_use += 1;
            Permit(self)
        })
    }

    async fn wait(&self) -> Permit<'_> {
        let waiter = Waiter { limit: self, ticket: self.state().join() };
        let mut turn_missed = pin!(sleep_until(self.state().due(waiter.ticket)));
        poll_fn(|context| {
            let mut is_due = false;
            while turn_missed.as_mut().poll(context).is_ready() {
                is_due = true;
                let due = self.state().due(waiter.ticket);
                turn_missed.as_mut().reset(due);
            }
            let taken = self.state().take(waiter.ticket, self.max, context.waker(), is_due);
            if taken { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        Permit(self)
    }

    /// Wakes as many callers as there are free permits. Called after each change that can free one.
    fn wake(&self) {
        let woken: Vec<_> = {
            let state = self.state();
            if state.waiting.is_empty() {
                return;
            }
            state.waiting.values().take(self.max - state.in_use).cloned().collect()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn join(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }

    /// When a caller may take a permit out of turn.
    fn due(&self, ticket: u64) -> Instant {
        let first = self.waiting.keys().next().map_or(ticket, |first| *first);
        let ahead = u32::try_from(ticket.saturating_sub(first)).unwrap_or(u32::MAX);
        Instant::now() + GRACE.saturating_mul(ahead.saturating_add(1)).min(Duration::from_secs(60))
    }

    /// Takes a permit if one is free and it is the caller's turn, or the turn of others who missed it.
    fn take(&mut self, ticket: u64, max: usize, waker: &Waker, others_missed: bool) -> bool {
        let free = max - self.in_use;
        let is_turn = self.waiting.range(..ticket).take(free).count() < free;
        if is_turn || (free > 0 && others_missed) {
            self.in_use += 1;
            self.waiting.remove(&ticket);
            return true;
        }
        self.waiting.insert(ticket, waker.clone());
        false
    }
}

/// A place among the waiting callers.
struct Waiter<'a> {
    limit: &'a Limit,
    ticket: u64,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.limit.state().waiting.remove(&self.ticket);
        self.limit.wake(); // it may have been woken for a permit that it did not take
    }
}

/// The right to use a connection.
pub(crate) struct Permit<'a>(&'a Limit);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.state().in_use -= 1;
        self.0.wake();
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.in_use(), self.max)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, Wake};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Permit<'a>> + 'a>>;

    /// A caller that is polled by hand.
    struct Caller<'a> {
        future: Waiting<'a>,
        woken: Arc<Woken>,
    }

    impl<'a> Caller<'a> {
        fn start(limit: &'a Limit) -> Self {
            let mut caller = Self { future: Box::pin(limit.acquire()), woken: Arc::default() };
            assert!(caller.poll().is_none());
            caller
        }

        fn poll(&mut self) -> Option<Permit<'a>> {
            let waker = Arc::clone(&self.woken).into();
            match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(permit) => Some(permit),
                Poll::Pending => None,
            }
        }

        fn is_woken(&self) -> bool {
            self.woken.0.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn callers_take_their_turns_and_later_ones_do_not_overtake() {
        let limit = Limit::new(1);
        let permit = limit.acquire().await;
        let (mut first, mut second) = (Caller::start(&limit), Caller::start(&limit));
        drop(permit);
        assert!(first.is_woken() && !second.is_woken());
        assert!(limit.try_acquire().is_none() && second.poll().is_none());
        let permit = first.poll().unwrap();
        assert!(second.poll().is_none());
        drop(permit);
        assert!(second.is_woken() && second.poll().is_some());
        drop((first, second));
        assert_eq!((limit.in_use(), limit.state().waiting.len()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_woken_caller_that_is_dropped_passes_its_turn_on() {
        let limit = Limit::new(1);
        let permit = limit.acquire().await;
        let (first, mut second) = (Caller::start(&limit), Caller::start(&limit));
        drop(permit);
        drop(first);
        assert!(second.is_woken() && second.poll().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn callers_that_are_never_polled_again_hold_nobody_back() {
        let limit = Limit::new(2);
        let permits = [limit.acquire().await, limit.acquire().await];
        let unpolled: Vec<_> = (0..8).map(|_| Caller::start(&limit)).collect();
        let mut polled = pin!(limit.acquire());
        assert!(tokio::time::timeout(Duration::ZERO, &mut polled).await.is_err());
        drop(permits);
        let permit = tokio::time::timeout(GRACE * 10, polled).await.unwrap();
        assert_eq!(limit.in_use(), 1);
        drop((permit, unpolled));
        assert_eq!((limit.in_use(), limit.state().waiting.len()), (0, 0));
    }
}
