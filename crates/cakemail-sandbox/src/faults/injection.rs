//! From a fault that hit to what the client gets.

use std::time::Duration;

use super::script::{Ending, Script, on_the_wire};
use super::{Effect, Phase, RetryAfter};
use crate::api::response::{Answer, Payload};
use crate::app::context::Reply;
use crate::domain::Time;

const GARBAGE: &[u8] = b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n";

/// What goes wrong with one request.
pub(crate) struct Wrong {
    /// The fault, as it displays.
    pub(crate) fault: String,
    pub(crate) effect: Effect,
    pub(super) phase: Phase,
    pub(super) era: u64,
}

impl Wrong {
    /// What the client gets in place of `answer`, of which there is none before the handler.
    pub(crate) fn reply(self, answer: Option<Answer>, now: Time) -> Reply {
        let accepted = answer.as_ref().and_then(|answer| answer.accepted);
        let (bytes, ending) = match self.effect {
            Effect::Reset => (self.so_far(answer), Ending::Reset),
            Effect::Close | Effect::Truncate => (self.so_far(answer), Ending::Close),
            Effect::Stall => (self.so_far(answer), Ending::Stall),
            Effect::Garbage => (GARBAGE.to_vec(), Ending::Close),
            Effect::EndlessHeaders => (b"HTTP/1.1 200 OK\r\n".to_vec(), Ending::Headers),
            Effect::Drip(pace) => {
                let script = self.script(whole(answer), Ending::Close);
                return Reply::Script(Script { pace: Some(pace), answers: accepted, ..script });
            }
            _ if self.phase == Phase::Accept => (whole(Some(self.wrong_answer(answer, now))), Ending::Close),
            _ => return Reply::Answer(self.wrong_answer(answer, now)),
        };
        Reply::Script(self.script(bytes, ending))
    }

    fn script(&self, bytes: Vec<u8>, ending: Ending) -> Script {
        Script { bytes, pace: None, ending, answers: None, era: self.era }
    }

    /// What is out before a connection breaks: nothing, or the head and half of the body.
    fn so_far(&self, answer: Option<Answer>) -> Vec<u8> {
        let Some(answer) = answer.filter(|_| self.phase == Phase::Answering) else { return Vec::new() };
        let (mut bytes, body) = on_the_wire(answer.into_response());
        bytes.extend_from_slice(&body[..body.len() / 2]);
        bytes
    }

    /// An answer that is HTTP, and not the right one.
    fn wrong_answer(&self, answer: Option<Answer>, now: Time) -> Answer {
        let fault = Answer::fault("A fault that was set in the sandbox");
        match &self.effect {
            Effect::NotJson => {
                let body = Payload::Other("application/json", "this is not JSON".into());
                Answer { status: answer.map_or(200, |it| it.status), body, ..fault }
            }
            Effect::BadGateway => {
                let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
                Answer { status: 502, body: Payload::Html(page.into()), ..fault }
            }
            Effect::Status(status) => Answer { status: *status, ..fault },
            Effect::Unauthorized => Answer::unauthorized("The access token is wrong or has expired: obtain a new one"),
            Effect::TooManyRequests(retry_after) => Answer::too_many_requests(match retry_after {
                RetryAfter::Absent => None,
                RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
                RetryAfter::Date(seconds) => Some(now.plus(Duration::from_secs(*seconds)).http_date()),
                RetryAfter::Text(text) => Some(text.clone()),
            }),
            // The others break the connection, or are silent.
            _ => fault,
        }
    }
}

fn whole(answer: Option<Answer>) -> Vec<u8> {
    let Some(answer) = answer else { return Vec::new() };
    let (mut bytes, body) = on_the_wire(answer.into_response());
    bytes.extend_from_slice(&body);
    bytes
}
