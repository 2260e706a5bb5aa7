//! The graceful stop of a sandbox.

use tokio::sync::watch;

/// Tells everything that runs for the sandbox that it is closing.
#[derive(Default)]
pub(crate) struct Closing(watch::Sender<bool>);

impl Closing {
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }

    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when the sandbox is closing.
    pub(crate) fn begun(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut receiver = self.0.subscribe();
        // An error means that the sandbox has ended.
        async move { drop(receiver.wait_for(|closing| *closing).await) }
    }
}
