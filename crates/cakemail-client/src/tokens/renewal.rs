//! One renewal of a token, shared by all callers who wait for it.
//!
//! A renewal is a future that every waiting caller polls; no task runs in the background. When one caller is
//! cancelled, the others continue it. When all are, it is suspended until the next caller joins: so the response to a
//! request that was sent, and with it a rotated refresh token, is not lost.

use std::sync::Arc;

use cakemail_model::Secret;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::grant::{Grant, TokenSource};
use crate::error::{Outcome, Result};

#[derive(Clone)]
pub(super) struct Renewal {
    future: Shared<BoxFuture<'static, Result<Grant>>>,
    was_suspended: bool,
}

impl Renewal {
    pub(super) fn start(source: &Arc<TokenSource>, refresh_token: Option<Secret>) -> Self {
        let source = Arc::clone(source);
        // A failed request for a token has not done anything that a caller requested.
        let renew =
            async move { source.renew(refresh_token).await.map_err(|error| error.with_outcome(Outcome::NotDone)) };
        Self { future: renew.boxed().shared(), was_suspended: false }
    }

    /// Adds a caller to the renewal that the provider stores.
    pub(super) fn join(&mut self) -> Self {
        let is_alone = self.future.strong_count() == Some(1);
        self.was_suspended |= is_alone;
        self.clone()
    }

    /// Whether there was a time, before this caller joined, when no caller polled the renewal.
    pub(super) fn was_suspended(&self) -> bool {
        self.was_suspended
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.future.ptr_eq(&other.future)
    }

    pub(super) async fn granted(&self) -> Result<Grant> {
        self.future.clone().await
    }
}
