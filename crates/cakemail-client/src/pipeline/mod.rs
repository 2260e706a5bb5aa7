//! The pipeline: the fixed steps that every call takes, each in its own file.
//!
//! ```text
//! prepare (validate, serialize once)
//!   → execute (deadline, retry, budget)
//!     → attempt (authenticate → rate limit → observe → timeout → transport → classify)
//!   → decode
//! ```

mod attempt;
mod base_url;
mod budget;
mod classify;
mod decode;
mod encode;
mod execute;
mod headers;
mod json;
mod options;
mod prepare;
mod progress;
mod rate_curve;
mod rate_limit;
mod retry;
mod shared;
mod slots;
mod throughput;

pub(crate) use base_url::BaseUrl;
pub(crate) use decode::{decode, discard};
pub(crate) use encode::{encode, encode_small};
pub(crate) use execute::{execute, execute_with};
pub(crate) use headers::Headers;
pub(crate) use options::CallOptions;
pub use rate_limit::RateLimit;
pub use retry::RetryPolicy;
pub(crate) use shared::Pipeline;
