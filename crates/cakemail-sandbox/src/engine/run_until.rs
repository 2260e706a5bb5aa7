//! Runs a future until another one ends it.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Awaits `future`, and returns `None` when `end` completes first.
pub(crate) async fn run_until<T>(end: impl Future<Output = ()>, future: impl Future<Output = T>) -> Option<T> {
    let (mut end, mut future) = (pin!(end), pin!(future));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}
