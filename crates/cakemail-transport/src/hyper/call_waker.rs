//! Wakes the call that uses a connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

/// The waker of a connection, which wakes the call that waits for it, if there is one.
///
/// hyper expects a task of its own to drive the connection, and wakes it when the call sends a request or reads the body.
/// Here the call itself drives the connection next: to wake it would only poll it once more for nothing. Neither does an
/// idle connection wake the call that used it last.
pub(super) struct CallWaker {
    call: Arc<WaitingCall>,
    waker: Waker,
}

#[derive(Default)]
struct WaitingCall(Mutex<Option<Waker>>);

impl CallWaker {
    pub(super) fn new() -> Self {
        let call = Arc::<WaitingCall>::default();
        Self { waker: Arc::clone(&call).into(), call }
    }

    /// The context in which to drive the connection.
    pub(super) fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }

    /// Wakes this call from now on. Drive the connection after this: an earlier wake is lost.
    pub(super) fn start_waiting(&self, call: &Waker) {
        self.call.replace(Some(call.clone()));
    }

    /// Wakes no call from now on.
    pub(super) fn stop_waiting(&self) {
        self.call.replace(None);
    }
}

impl WaitingCall {
    fn replace(&self, call: Option<Waker>) -> Option<Waker> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, call)
    }
}

impl Wake for WaitingCall {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Once: the call drives the connection before it waits again.
        if let Some(call) = self.replace(None) {
            call.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicU32);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_wake_reaches_the_call_that_waits_and_no_other() {
        let connection = CallWaker::new();
        let calls = [Arc::<Wakes>::default(), Arc::default()];
        let wakes = || calls.each_ref().map(|call| call.0.load(Ordering::Relaxed));
        let hyper = connection.context().waker().clone();
        hyper.wake_by_ref();
        connection.start_waiting(&Arc::clone(&calls[0]).into());
        assert_eq!(wakes(), [0, 0]);
        hyper.wake_by_ref();
        hyper.wake_by_ref();
        assert_eq!(wakes(), [1, 0]);
        connection.start_waiting(&Arc::clone(&calls[0]).into());
        connection.start_waiting(&Arc::clone(&calls[1]).into());
        hyper.wake_by_ref();
        assert_eq!(wakes(), [1, 1]);
        connection.start_waiting(&Arc::clone(&calls[1]).into());
        connection.stop_waiting();
        hyper.wake();
        assert_eq!(wakes(), [1, 1]);
    }
}
