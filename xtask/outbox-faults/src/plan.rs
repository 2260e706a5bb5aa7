//! The random faults between the workers and the API.

use cakemail_faults::proxy::{End, Mix, Step};

/// Faults that refuse no email for good, with more losses after acceptance, which the logs resolve.
pub fn mix() -> Mix {
    use Step::{Processed, Request};
    Mix::breaking().requests([
        (2, Request, End::status_with(429, "retry-after: 0")),
        (2, Processed, End::Reset),
        (1, Processed, End::Stall),
    ])
}
