//! The one road of a request: route, token, account, validation, handler, self-check.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::answer::{Answer, Outcome};
use crate::api::{self, Call, Fields, Handler};
use crate::builder::Login;
use crate::document::{Document, Operation, Route};
use crate::sandbox::SeenRequest;
use crate::state::{Account, Ids, State};
use crate::validate;
use crate::{Clock, Profile, control};

pub(crate) struct Core {
    document: &'static Document,
    profile: Profile,
    pub(crate) clock: Clock,
    pub(crate) base: String,
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
}

impl Core {
    pub(crate) fn new(
        document: &'static Document,
        profile: Profile,
        clock: Clock,
        base: String,
        logins: Vec<Login>,
    ) -> Self {
        let ids = Ids::default();
        let now = clock.time();
        let accounts = logins.into_iter().map(|login| Account::new(login, now, &ids)).collect();
        Self { document, profile, clock, base, ids, state: Mutex::new(State::new(accounts, now)) }
    }

    /// The state as it is now: everything that is due has happened.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle(self.clock.time());
        state
    }

    pub(crate) fn answer(&self, request: &Incoming<'_>) -> Answer {
        let (operation, answer) = match self.document.route(request.method, request.path) {
            Route::Found(operation, path) => {
                let answer = self.perform(operation, path, request).unwrap_or_else(|refusal| refusal);
                #[cfg(any(test, feature = "self-check"))]
                let answer = crate::self_check::checked(operation, answer);
                (Some(operation), answer)
            }
            Route::WrongMethod(allowed) => (None, Answer::wrong_method(&allowed)),
            Route::None => (None, control::answer(self, request).unwrap_or_else(|refusal| refusal)),
        };
        self.note(request, operation.map(|it| it.id.as_str()), answer.status);
        answer
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
        let call = Call { operation, profile: &self.profile, base: &self.base, now: state.now, given, ids: &self.ids };
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
