//! The road of a request while something is set: where faults strike.

use std::io;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::api::document::{Operation, Route};
use crate::app::context::{Core, Incoming, Reply};
use crate::faults::{Effect, Phase, Preset, Script, Subject, Wrong};
use crate::inspect::requests::Trace;

impl Core {
    /// What goes wrong with a connection whose first request starts like this.
    pub(crate) fn accept(&self, request: &Incoming<'_>) -> Option<Script> {
        let Route::Found(operation, _) = self.document.route(request.method, request.path) else { return None };
        let wrong = self.faults.hit(Phase::Accept, &Subject { operation, request })?;
        match wrong.reply(None, self.clock.time()) {
            Reply::Script(script) => Some(script),
            _ => None,
        }
    }

    /// An operation, while something is set.
    pub(crate) fn operate_with_faults(
        &self,
        operation: &'static Operation,
        path: Map<String, Value>,
        request: &Incoming<'_>,
        trace: &mut Trace,
    ) -> Reply {
        let subject = Subject { operation, request };
        if let Some(refusal) = self.faults.over_limit(self.clock.time()) {
            trace.fault = self.faults.limit().map(|limit| limit.to_string());
            return Reply::Answer(refusal);
        }
        if let Some(wrong) = self.strike(Phase::Handler, &subject, trace) {
            return wrong.reply(None, self.clock.time());
        }
        let answer = self.operate(operation, path, request, trace);
        let committed = answer.is_success().then(|| self.strike(Phase::Committed, &subject, trace)).flatten();
        let Some(wrong) = committed.or_else(|| self.strike(Phase::Answering, &subject, trace)) else {
            return Reply::Answer(answer);
        };
        if let Some(id) = answer.accepted {
            self.answered(id, false);
        }
        wrong.reply(Some(answer), self.clock.time())
    }

    /// What goes wrong in a phase. What only ends tokens is done here, and the request goes on.
    fn strike(&self, phase: Phase, subject: &Subject<'_>, trace: &mut Trace) -> Option<Wrong> {
        let wrong = self.faults.hit(phase, subject)?;
        trace.fault = Some(wrong.fault.clone());
        match (&wrong.effect, subject.request.token()) {
            (Effect::ExpireToken, Some(token)) => self.state().tokens.expire(token),
            (Effect::ExpireToken, None) => {}
            (Effect::SpendRefreshTokens, _) => self.state().tokens.spend_refresh_tokens(),
            _ => return Some(wrong),
        }
        None
    }

    pub(crate) fn preset(&self, preset: Preset, seed: u64) {
        if let Some(limit) = preset.limit() {
            self.faults.set_limit(limit, self.clock.time());
        }
        for fault in preset.faults(seed) {
            self.faults.add(fault);
        }
    }

    /// Shuts the door for a time, or opens it.
    pub(crate) fn refuse_for(&self, time: Duration) -> io::Result<()> {
        if time.is_zero() { self.door.open() } else { self.door.shut(self.clock.time().plus(time)) }
    }

    pub(crate) fn clear_faults(&self) {
        self.faults.clear();
        // Without its port the sandbox is of no use, and every client will say so.
        let _ = self.door.open();
    }
}
