//! What drives the model: the clock, the commands, and the file that remembers them.

pub(crate) mod clock;
pub(crate) mod commands;
pub(crate) mod journal;
pub(crate) mod run_until;
