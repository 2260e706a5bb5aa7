//! A future that another one can end.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// What `wanted` gives, or nothing when `end` comes first.
pub(crate) async fn run_until<T>(end: impl Future<Output = ()>, wanted: impl Future<Output = T>) -> Option<T> {
    let (mut end, mut wanted) = (pin!(end), pin!(wanted));
    poll_fn(|context| match wanted.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}
