//! Replaces a response when a fault strikes.

use std::time::Duration;

use super::script::{Ending, Script, serialize};
use super::{Effect, Phase, RetryAfter};
use crate::api::response::{ApiResponse, ResponseBody};
use crate::domain::Time;

const GARBAGE: &[u8] = b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n";

/// A fault that strikes one request.
pub(crate) struct Injection {
    /// The description of the fault.
    pub(crate) fault: String,
    pub(crate) effect: Effect,
    pub(super) phase: Phase,
    pub(super) generation: u64,
}

/// The replacement of a response.
pub(crate) enum Injected {
    Response(ApiResponse),
    Script(Script),
}

impl Injection {
    /// The replacement for `response`, which is `None` before the handler ran.
    pub(crate) fn inject(self, response: Option<ApiResponse>, now: Time) -> Injected {
        let accepted = response.as_ref().and_then(|response| response.accepted);
        let (bytes, ending) = match self.effect {
            Effect::Reset => (self.first_half(response), Ending::Reset),
            Effect::Close | Effect::Truncate => (self.first_half(response), Ending::Close),
            Effect::Stall => (self.first_half(response), Ending::Stall),
            Effect::Garbage => (GARBAGE.to_vec(), Ending::Close),
            Effect::EndlessHeaders => (b"HTTP/1.1 200 OK\r\n".to_vec(), Ending::Headers),
            Effect::Drip(interval) => {
                let script = self.script(serialized(response), Ending::Close);
                return Injected::Script(Script { interval: Some(interval), accepted, ..script });
            }
            _ if self.phase == Phase::Accept => (serialized(Some(self.false_response(response, now))), Ending::Close),
            _ => return Injected::Response(self.false_response(response, now)),
        };
        Injected::Script(self.script(bytes, ending))
    }

    fn script(&self, bytes: Vec<u8>, ending: Ending) -> Script {
        Script { bytes, interval: None, ending, accepted: None, generation: self.generation }
    }

    /// The bytes that are sent before the connection breaks: none, or the head and half of the body.
    fn first_half(&self, response: Option<ApiResponse>) -> Vec<u8> {
        let Some(response) = response.filter(|_| self.phase == Phase::Answering) else { return Vec::new() };
        let (mut bytes, body) = serialize(response.into_response());
        bytes.extend_from_slice(&body[..body.len() / 2]);
        bytes
    }

    /// A response that is valid HTTP, but not the true one.
    fn false_response(&self, response: Option<ApiResponse>, now: Time) -> ApiResponse {
        let error = ApiResponse::internal_error("A fault that was set in the sandbox");
        match &self.effect {
            Effect::NotJson => {
                let body = ResponseBody::Other("application/json", "this is not JSON".into());
                ApiResponse { status: response.map_or(200, |response| response.status), body, ..error }
            }
            Effect::BadGateway => {
                let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
                ApiResponse { status: 502, body: ResponseBody::Html(page.into()), ..error }
            }
            Effect::Status(status) => ApiResponse { status: *status, ..error },
            Effect::Unauthorized => ApiResponse::invalid_token(),
            Effect::TooManyRequests(retry_after) => ApiResponse::too_many_requests(match retry_after {
                RetryAfter::Absent => None,
                RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
                RetryAfter::Date(seconds) => Some(now.plus(Duration::from_secs(*seconds)).http_date()),
                RetryAfter::Text(text) => Some(text.clone()),
            }),
            // The others break the connection, or change only tokens.
            _ => error,
        }
    }
}

fn serialized(response: Option<ApiResponse>) -> Vec<u8> {
    let Some(response) = response else { return Vec::new() };
    let (mut bytes, body) = serialize(response.into_response());
    bytes.extend_from_slice(&body);
    bytes
}
