//! Holds the state, and tells what changed when it is let go.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use super::changes::Subscribers;
use crate::domain::State;

/// The locked state. However it is changed, subscribers know of it before anybody else can lock it.
pub(crate) struct StateGuard<'a> {
    state: MutexGuard<'a, State>,
    subscribers: &'a Subscribers,
}

impl<'a> StateGuard<'a> {
    pub(super) fn new(state: MutexGuard<'a, State>, subscribers: &'a Subscribers) -> Self {
        Self { state, subscribers }
    }
}

impl Deref for StateGuard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        let changed = self.state.take_changed_emails();
        if !changed.is_empty() {
            self.subscribers.emails_changed(&self.state, &changed);
        }
    }
}
