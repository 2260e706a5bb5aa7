//! From a fault that hit to what the client gets.

use super::script::{Ending, Script, on_the_wire};
use super::{Effect, Phase, RetryAfter};
use crate::answer::{Answer, Payload};
use crate::clock::Time;
use crate::core::Reply;

const GARBAGE: &[u8] = b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n";

/// What goes wrong with one request.
pub(crate) struct Wrong {
    pub(crate) effect: Effect,
    pub(super) phase: Phase,
    pub(super) era: u64,
}

impl Wrong {
    /// What the client gets in place of `answer`, of which there is none before the handler.
    pub(crate) fn reply(self, answer: Option<Answer>, now: Time) -> Reply {
        let bytes = match &self.effect {
            Effect::Reset | Effect::Close | Effect::Stall if self.phase != Phase::Answering => Vec::new(),
            Effect::Reset | Effect::Close | Effect::Stall | Effect::Truncate => half(answer),
            Effect::Garbage => GARBAGE.to_vec(),
            Effect::EndlessHeaders => b"HTTP/1.1 200 OK\r\n".to_vec(),
            Effect::Drip(every) => {
                let email = answer.as_ref().and_then(|answer| answer.accepted);
                let (mut bytes, body) = on_the_wire(answer.unwrap_or_else(Answer::no_route).into_response());
                bytes.extend_from_slice(&body);
                let script = self.script(bytes, Ending::Close);
                return Reply::Script(Script { pace: Some(*every), answers: email, ..script });
            }
            _ => return self.answered(answer, now),
        };
        let ending = match self.effect {
            Effect::Reset => Ending::Reset,
            Effect::Stall => Ending::Stall,
            Effect::EndlessHeaders => Ending::Headers,
            _ => Ending::Close,
        };
        Reply::Script(self.script(bytes, ending))
    }

    fn script(&self, bytes: Vec<u8>, ending: Ending) -> Script {
        Script { bytes, pace: None, ending, answers: None, era: self.era }
    }

    fn answered(self, answer: Option<Answer>, now: Time) -> Reply {
        let answer = match self.effect {
            Effect::NotJson => Answer {
                status: answer.map_or(200, |it| it.status),
                body: Payload::Other("application/json", "this is not JSON".into()),
                ..Answer::fault("")
            },
            Effect::BadGateway => Answer {
                status: 502,
                body: Payload::Html("<html><body><h1>502 Bad Gateway</h1></body></html>".into()),
                ..Answer::fault("")
            },
            Effect::Status(status) => Answer { status, ..Answer::fault("A fault that was set in the sandbox") },
            Effect::Unauthorized => Answer::unauthorized("The access token is wrong or has expired: obtain a new one"),
            Effect::TooManyRequests(retry_after) => Answer::too_many_requests(match retry_after {
                RetryAfter::Absent => None,
                RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
                RetryAfter::Date(seconds) => Some(now.plus(std::time::Duration::from_secs(seconds)).http_date()),
                RetryAfter::Text(text) => Some(text),
            }),
            // The others are scripts, or silent.
            _ => return Reply::Answer(answer.unwrap_or_else(Answer::no_route)),
        };
        if self.phase != Phase::Accept {
            return Reply::Answer(answer);
        }
        let (mut bytes, body) = on_the_wire(answer.into_response());
        bytes.extend_from_slice(&body);
        Reply::Script(Script { bytes, pace: None, ending: Ending::Close, answers: None, era: self.era })
    }
}

/// The head of an answer, and half of its body.
fn half(answer: Option<Answer>) -> Vec<u8> {
    let (mut bytes, body) = on_the_wire(answer.unwrap_or_else(Answer::no_route).into_response());
    bytes.extend_from_slice(&body[..body.len() / 2]);
    bytes
}
