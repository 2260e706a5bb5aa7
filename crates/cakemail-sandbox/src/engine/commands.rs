//! Deeds: what changes the state. Each is plain data, is written down before it is done when the state is kept in a file,
//! and does the same whenever it is done again.

use std::sync::{Arc, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::api::document::{Document, Operation};
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::api::{self, Call, Fields, Handler};
use crate::app::context::Core;
use crate::app::control;
use crate::domain::State;
use crate::domain::Time;
use crate::engine::journal::{Journal, Kept, Snapshot};
use crate::webhooks::attempt::Failure;

#[derive(Serialize, Deserialize)]
pub(crate) struct Deed {
    /// When it was done.
    time: Time,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// An operation of the API, by an account when it takes one.
    Api { operation: String, account: Option<i64>, given: Checked },
    /// An operation of the control API.
    Control { operation: String, given: Checked },
    /// Whether the answer that accepted an email went out.
    Answered { email: Uuid, whole: bool },
    /// What became of an attempt to deliver.
    Tried { account: i64, delivery: Uuid, answer: Result<u16, Failure>, millis: f64 },
}

impl Core {
    /// Does something that changes the state.
    pub(crate) fn deed(&self, what: What) -> Outcome {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(journal) = journal.as_mut() else {
            drop(journal);
            return self.act(what);
        };
        let deed = Deed { time: self.hold(), what };
        let outcome = match journal.write(&deed) {
            Ok(()) => self.act(deed.what),
            Err(error) => {
                Err(Answer::fault(&format!("The sandbox cannot write to its file, so nothing was done: {error}")))
            }
        };
        self.let_go();
        outcome
    }

    /// Does what an operation of the control API does.
    pub(crate) fn control(&self, operation: &str, body: Value) -> Outcome {
        let body = body.as_object().cloned().unwrap_or_default();
        let given = Checked { body, ..Checked::default() };
        self.deed(What::Control { operation: operation.into(), given })
    }

    fn act(&self, what: What) -> Outcome {
        match what {
            What::Api { operation, account, given } => {
                self.operate_now(found(self.document, &operation)?, account, given)
            }
            What::Control { operation, given } => {
                let outcome = control::now(self, found(self.control, &operation)?, &given);
                self.state().shrink();
                outcome
            }
            What::Answered { email, whole } => {
                self.state().answered(email, whole);
                Ok(Answer::ok(Value::Null))
            }
            What::Tried { account, delivery, answer, millis } => {
                let mut state = self.state();
                let now = state.now;
                if let Some(account) = state.account_mut(account) {
                    account.deliveries.tried(delivery, answer, now, millis);
                }
                Ok(Answer::ok(Value::Null))
            }
        }
    }

    /// Runs an operation of the API.
    pub(crate) fn operate_now(&self, operation: &Operation, account: Option<i64>, given: Checked) -> Outcome {
        let mut state = self.state();
        let state = &mut *state;
        let (now, logged) = (state.now, state.now.minus(self.faults.lag()));
        let (profile, ids, rules) = (state.profile.clone(), Arc::clone(&state.ids), Arc::clone(&state.rules));
        let base = &self.base;
        let call = Call { operation, profile: &profile, base, now, logged, given, ids: &ids, rules: &rules };
        match (api::handler(&operation.id), account) {
            (Some(Handler::Open(handle)), _) => handle(&call, state),
            (Some(Handler::Signed(handle)), Some(id)) => {
                if call.query().integer("account_id").is_some_and(|asked| asked != id) {
                    return Err(Answer::forbidden());
                }
                let account = state.account_mut(id).ok_or_else(Answer::not_authenticated)?;
                let answer = handle(&call, account);
                state.shrink();
                answer
            }
            _ => Err(Answer::fault(&format!("The sandbox has no handler for {}", operation.id))),
        }
    }

    /// Takes up what a file held, and goes on writing there.
    pub(crate) fn take_up(&self, mut journal: Journal, kept: Option<Kept>) -> std::io::Result<()> {
        if let Some(Kept { state, deeds }) = kept {
            let last = deeds.last().map_or(state.now, |deed| deed.time);
            self.hold_at(state.now);
            self.replace(state);
            for Deed { time, what } in deeds {
                self.hold_at(time);
                let posted = matches!(&what, What::Api { operation, .. } if operation == "submitEmail");
                self.state().posts += u64::from(posted);
                // What was refused then is refused again.
                let _ = self.act(what);
            }
            self.catch_up(last);
            self.let_go();
        }
        journal.begin(&self.state())?;
        *self.journal.lock().unwrap_or_else(PoisonError::into_inner) = Some(journal);
        Ok(())
    }

    /// Puts another state in place of the one that is there.
    pub(crate) fn import(&self, value: Value) -> Result<(), String> {
        let state = Snapshot::read(value)?;
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up(state.now);
        self.replace(state);
        match journal.as_mut() {
            Some(journal) => journal.begin(&self.state()).map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    fn replace(&self, mut state: State) {
        state.restore(self.start.bounds);
        *self.state() = state;
        self.changed();
    }

    /// Moves the clock to where a state has come to, when it is behind.
    fn catch_up(&self, then: Time) {
        if let Ok(behind) = then.system().duration_since(self.clock.now()) {
            self.clock.advance(behind);
        }
    }
}

fn found(document: &'static Document, id: &str) -> Result<&'static Operation, Answer> {
    let found = document.operations.iter().find(|it| it.id == id);
    found.ok_or_else(|| Answer::fault(&format!("There is no operation {id}")))
}
