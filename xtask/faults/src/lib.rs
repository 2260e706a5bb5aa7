//! What fault injection shares: a proxy that breaks connections between a client and the sandbox.

pub mod proxy;

use std::error::Error;

/// Returns a message that says what is wrong.
pub type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
