//! What a caller can see of an attempt that it gives up on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::Dispatch;

/// Says whether a request may have been sent, also after the transport's future was dropped: see
/// [`Body::watch`](crate::Body::watch).
///
/// Until a transport reports otherwise, the answer is [`Dispatch::MaybeSent`].
#[derive(Clone, Debug, Default)]
pub struct DispatchWatch(Arc<AtomicU8>);

const UNREPORTED: u8 = 0;
const NOT_SENT: u8 = 1;
/// Final: a copy of the request that is sent later does not make an earlier one unsent.
const MAYBE_SENT: u8 = 2;

impl DispatchWatch {
    /// Whether the server may have acted on the request.
    pub fn dispatch(&self) -> Dispatch {
        match self.0.load(Ordering::Acquire) {
            NOT_SENT => Dispatch::NotSent,
            _ => Dispatch::MaybeSent,
        }
    }

    /// For transports: says that nothing of the request has been sent yet. Call it only if [`sent`](Self::sent) will be
    /// called before the server can have the whole request.
    pub fn begin(&self) {
        let _ = self.0.compare_exchange(UNREPORTED, NOT_SENT, Ordering::AcqRel, Ordering::Acquire);
    }

    /// For transports: says that the server may have the whole request.
    pub fn sent(&self) {
        self.0.store(MAYBE_SENT, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_not_sent_only_from_begin_until_sent() {
        let watch = DispatchWatch::default();
        assert_eq!(watch.dispatch(), Dispatch::MaybeSent);
        watch.begin();
        assert_eq!(watch.dispatch(), Dispatch::NotSent);
        watch.sent();
        watch.begin();
        assert_eq!(watch.dispatch(), Dispatch::MaybeSent);
    }
}
