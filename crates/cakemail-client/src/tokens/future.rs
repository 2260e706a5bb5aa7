//! The future of a renewal: the requests for a token, with a heartbeat.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use cakemail_model::Secret;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::grant::{Renewed, TokenSource};
use crate::credential_provider::panic_message;
use crate::error::{Error, ErrorKind};

/// How often a renewal shows that the runtime it was started on is running.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// A renewal without a heartbeat for this long is on a runtime that is idle or gone.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct RenewalFuture {
    renew: Pin<Box<dyn Future<Output = Renewed> + Send>>,
    heartbeat: Interval,
    /// Whether there was a time when no caller polled it, so that it may have failed for that reason alone.
    was_suspended: bool,
}

/// What a poll led to.
pub(super) enum Progress {
    Renewed { renewed: Renewed, was_suspended: bool },
    Pending { had_heartbeat: bool },
}

impl RenewalFuture {
    pub(super) fn start(source: &Arc<TokenSource>, refresh_token: Option<Secret>) -> Self {
        let source = Arc::clone(source);
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let renew = Box::pin(async move { source.renew(refresh_token).await });
        Self { renew, heartbeat, was_suspended: false }
    }

    /// Polls it. A panic in it ends the renewal with an error.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Progress {
        // Timers panic once their runtime is gone. Then nobody polls this again, as if it had been suspended.
        let Ok(had_heartbeat) = catch_unwind(AssertUnwindSafe(|| self.poll_heartbeat(context))) else {
            return panicked("the runtime that it was started on has stopped".to_owned(), true);
        };
        match catch_unwind(AssertUnwindSafe(|| self.renew.as_mut().poll(context))) {
            Ok(Poll::Ready(renewed)) => Progress::Renewed { renewed, was_suspended: self.was_suspended },
            Ok(Poll::Pending) => Progress::Pending { had_heartbeat },
            Err(panic) => panicked(panic_message(&*panic), self.was_suspended),
        }
    }

    fn poll_heartbeat(&mut self, context: &mut Context<'_>) -> bool {
        let mut had_heartbeat = false;
        while let Poll::Ready(due) = self.heartbeat.poll_tick(context) {
            had_heartbeat = true;
            self.was_suspended |= Instant::now().saturating_duration_since(due) > PATIENCE;
        }
        had_heartbeat
    }
}

/// The end of a renewal that panicked. The refresh token may have been used.
fn panicked(cause: String, was_suspended: bool) -> Progress {
    let error = Error::new(ErrorKind::Authentication, "the renewal of the access token panicked").with_source(cause);
    Progress::Renewed { renewed: Renewed { granted: Err(error), refresh_token: None }, was_suspended }
}
