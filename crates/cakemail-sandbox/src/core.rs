//! The one road of a request: route, token, account, validation, handler, self-check.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::answer::{Answer, Outcome};
use crate::api::{self, Call, Fields, Handler};
use crate::builder::Login;
use crate::document::{Document, Operation, Route};
use crate::door::Door;
use crate::faults::{Faults, Script};
use crate::sandbox::SeenRequest;
use crate::state::{Account, Ids, State};
use crate::validate;
use crate::{Clock, Profile, control};

pub(crate) struct Core {
    pub(crate) document: &'static Document,
    profile: Profile,
    pub(crate) clock: Clock,
    pub(crate) base: String,
    pub(crate) faults: Faults,
    pub(crate) door: Arc<Door>,
    ids: Ids,
    state: Mutex<State>,
}

/// A request, read whole.
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
    /// Whether its connection has carried a request before.
    pub(crate) reused: bool,
}

/// What a client gets.
pub(crate) enum Reply {
    Answer(Answer),
    /// Something else than an answer.
    Script(Script),
}

impl Core {
    pub(crate) fn new(
        document: &'static Document,
        profile: Profile,
        clock: Clock,
        base: String,
        logins: Vec<Login>,
        keep: Option<usize>,
        door: Arc<Door>,
    ) -> Self {
        let ids = Ids::default();
        let now = clock.time();
        let accounts = logins.into_iter().map(|login| Account::new(login, now, &ids, keep)).collect();
        let state = Mutex::new(State::new(accounts, now, keep));
        Self { document, profile, clock, base, faults: Faults::default(), door, ids, state }
    }

    /// The state as it is now: everything that is due has happened.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle(self.clock.time());
        state
    }

    pub(crate) fn answer(&self, request: &Incoming<'_>) -> Reply {
        let (operation, reply) = match self.document.route(request.method, request.path) {
            Route::Found(operation, path) if self.faults.any() => {
                (Some(operation), self.operate_with_faults(operation, path, request))
            }
            Route::Found(operation, path) => (Some(operation), Reply::Answer(self.operate(operation, path, request))),
            Route::WrongMethod(allowed) => (None, Reply::Answer(Answer::wrong_method(&allowed))),
            Route::None => (None, Reply::Answer(control::answer(self, request).unwrap_or_else(|refusal| refusal))),
        };
        let status = match &reply {
            Reply::Answer(answer) => answer.status,
            Reply::Script(_) => 0,
        };
        self.note(request, operation.map(|it| it.id.as_str()), status);
        reply
    }

    pub(crate) fn operate(
        &self,
        operation: &'static Operation,
        path: serde_json::Map<String, serde_json::Value>,
        request: &Incoming<'_>,
    ) -> Answer {
        let answer = self.perform(operation, path, request).unwrap_or_else(|refusal| refusal);
        #[cfg(any(test, feature = "self-check"))]
        let answer = crate::self_check::checked(operation, answer);
        answer
    }

    /// Remembers whether the answer that accepted an email went out.
    pub(crate) fn answered(&self, id: uuid::Uuid, answered: bool) {
        self.state().answered(id, answered);
    }

    /// Remembers that a request was answered.
    pub(crate) fn note(&self, request: &Incoming<'_>, operation: Option<&'static str>, status: u16) {
        let (method, path) = (request.method.into(), request.path.into());
        self.state().saw(SeenRequest { method, path, status, operation });
    }

    fn perform(
        &self,
        operation: &'static Operation,
        path: serde_json::Map<String, serde_json::Value>,
        request: &Incoming<'_>,
    ) -> Outcome {
        let account = operation.secured.then(|| self.account(request.authorization)).transpose()?;
        let Incoming { query, content_type, body, .. } = *request;
        let given = validate::request(self.document, &self.profile, operation, path, query, content_type, body)
            .map_err(Answer::invalid)?;
        let mut state = self.state();
        let (now, logged) = (state.now, state.now.minus(self.faults.lag()));
        let call = Call { operation, profile: &self.profile, base: &self.base, now, logged, given, ids: &self.ids };
        match (api::handler(&operation.id), account) {
            (Some(Handler::Open(handle)), _) => handle(&call, &mut state),
            (Some(Handler::Signed(handle)), Some(place)) => {
                let account = &mut state.accounts[place];
                if call.query().integer("account_id").is_some_and(|asked| asked != account.id) {
                    return Err(Answer::forbidden());
                }
                handle(&call, account)
            }
            _ => Err(Answer::fault(&format!("The sandbox has no handler for {}", operation.id))),
        }
    }

    /// The account that a token is for.
    fn account(&self, authorization: Option<&str>) -> Result<usize, Answer> {
        let Some((scheme, token)) = authorization.and_then(|it| it.split_once(' ')) else {
            return Err(Answer::not_authenticated());
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Answer::not_authenticated());
        }
        let state = self.state();
        let account = state.tokens.account(token.trim(), state.now);
        account.ok_or_else(|| Answer::unauthorized("The access token is wrong or has expired: obtain a new one"))
    }
}
