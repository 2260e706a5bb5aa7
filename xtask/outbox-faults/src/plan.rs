//! The random faults between the workers and the API.

use cakemail_faults::proxy::{End, Mix, Step};

/// Connections and requests that break before and after acceptance. None of them refuses an email for good.
pub fn mix() -> Mix {
    use Step::{Body, Connected, Head, Idle, Processed, Request, ResponseBody, ResponseHead};
    Mix::default()
        .connections([(4, Connected, End::Close), (4, Connected, End::Reset), (2, Connected, End::Stall)])
        .requests([
            (4, Head, End::Close),
            (3, Head, End::Reset),
            (4, Body, End::Close),
            (3, Body, End::Reset),
            (1, Body, End::Stall),
            (6, Request, End::Close),
            (6, Request, End::Reset),
            (1, Request, End::Stall),
            (4, Request, End::garbage()),
            (3, Request, End::success("{}")),
            (4, Request, End::html(502)),
            (4, Request, End::status(503)),
            (3, Request, End::status(408)),
            (2, Request, End::status_with(429, "retry-after: 0")),
            (6, Processed, End::Close),
            (8, Processed, End::Reset),
            (2, Processed, End::Stall),
            (4, Processed, End::garbage()),
            (4, Processed, End::success("this is not JSON")),
            (4, Processed, End::status(500)),
            (2, Processed, End::html(502)),
            (4, ResponseHead, End::Close),
            (1, ResponseHead, End::Stall),
            (4, ResponseBody, End::Close),
            (3, ResponseBody, End::Reset),
            (1, ResponseBody, End::Stall),
            (10, Idle, End::Close),
        ])
}
