//! The one road of a request: gate, route, token, account, validation, handler, self-check.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::api::document::{Document, Operation, Route};
use crate::api::response::{Answer, Outcome};
use crate::api::validation;
use crate::app::builder::Start;
use crate::app::control::{self, Live};
use crate::app::listener::Door;
use crate::app::{host_guard, pages};
use crate::domain::State;
use crate::domain::Time;
use crate::engine::commands::What;
use crate::engine::journal::Journal;
use crate::faults::{Faults, Script};
use crate::inspect::findings;
use crate::inspect::findings::Findings;
use crate::inspect::requests::{Requests, Trace};
use crate::{Clock, Profile};

pub(crate) struct Core {
    pub(crate) document: &'static Document,
    pub(crate) control: &'static Document,
    pub(crate) clock: Clock,
    pub(crate) base: String,
    pub(crate) faults: Faults,
    pub(crate) door: Arc<Door>,
    /// How it was set up.
    pub(crate) start: Start,
    pub(crate) requests: Requests,
    pub(crate) findings: Findings,
    state: Mutex<State>,
    /// The time while a deed is done that is written down with it.
    held: Mutex<Option<Time>>,
    /// Where deeds are written, when the state is kept. Whoever takes this and the state takes this first.
    pub(crate) journal: Mutex<Option<Journal>>,
    /// Counts what changed, for those who watch.
    changes: watch::Sender<u64>,
}

/// A request, read whole.
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a http::HeaderMap,
    pub(crate) body: &'a [u8],
    /// Whether its connection has carried a request before.
    pub(crate) reused: bool,
    /// When it came.
    pub(crate) came: Instant,
}

/// What a client gets.
pub(crate) enum Reply {
    Answer(Answer),
    /// Something else than an answer.
    Script(Script),
    /// An answer that takes its time.
    Later(Later),
    /// An answer without an end.
    Live(Live),
}

pub(crate) type Later = Pin<Box<dyn Future<Output = Answer> + Send>>;

impl<'a> Incoming<'a> {
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token that it carries.
    pub(crate) fn token(&self) -> Option<&'a str> {
        let (scheme, token) = self.header(http::header::AUTHORIZATION)?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

impl Core {
    pub(crate) fn new(documents: (&'static Document, &'static Document), start: Start, door: Arc<Door>) -> Self {
        let clock = start.clock.clone();
        let base = format!("http://{}", door.addr());
        Self {
            document: documents.0,
            control: documents.1,
            requests: Requests::new(&base, start.bounds.keep),
            findings: Findings::default(),
            base,
            faults: Faults::default(),
            door,
            state: Mutex::new(start.state(clock.time())),
            held: Mutex::default(),
            journal: Mutex::default(),
            clock,
            start,
            changes: watch::Sender::default(),
        }
    }

    /// The state as it is now: everything that is due has happened.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.held().unwrap_or_else(|| self.clock.time());
        if state.settle(now) {
            self.changed();
        }
        state
    }

    /// Lets the time stand still until [`let_go`](Self::let_go).
    pub(crate) fn hold(&self) -> Time {
        let state = self.state();
        self.hold_at(state.now);
        state.now
    }

    pub(crate) fn hold_at(&self, time: Time) {
        *self.held_mut() = Some(time);
    }

    pub(crate) fn let_go(&self) {
        *self.held_mut() = None;
    }

    fn held(&self) -> Option<Time> {
        *self.held_mut()
    }

    fn held_mut(&self) -> MutexGuard<'_, Option<Time>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who watch that something changed.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Counts what changes from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn profile(&self) -> Profile {
        self.state().profile.clone()
    }

    /// The answer, and what is to be remembered of its making, if anything.
    pub(crate) fn answer(self: &Arc<Self>, request: &Incoming<'_>) -> (Reply, Option<Trace>) {
        if let Err(refusal) = host_guard::admitted(self, request) {
            return (Reply::Answer(refusal), None);
        }
        let viewer = request.token().is_some_and(|token| self.state().tokens.is_viewer(token));
        let mut trace = Trace::at(self.clock.time());
        let reply = match self.document.route(request.method, request.path) {
            Route::Found(operation, path) => {
                trace.operation = Some(operation);
                trace.account = self.caller(operation, request);
                match self.faults.any() && !viewer {
                    true => self.operate_with_faults(operation, path, request, &mut trace),
                    false => Reply::Answer(self.operate(operation, path, request, &mut trace)),
                }
            }
            Route::WrongMethod(allowed) => Reply::Answer(Answer::wrong_method(&allowed)),
            Route::None => match pages::page(request).map(Reply::Answer).or_else(|| control::reply(self, request)) {
                Some(reply) => return (reply, None),
                None => Reply::Answer(Answer::no_route()),
            },
        };
        (reply, Some(trace).filter(|_| !viewer))
    }

    pub(crate) fn operate(
        &self,
        operation: &'static Operation,
        path: Map<String, Value>,
        request: &Incoming<'_>,
        trace: &mut Trace,
    ) -> Answer {
        let answer = self.perform(operation, path, request, trace).unwrap_or_else(|refusal| refusal);
        if operation.changes && answer.is_success() {
            self.changed();
        }
        #[cfg(any(test, feature = "self-check"))]
        let answer = crate::api::self_check::checked(operation, answer);
        answer
    }

    /// Remembers whether the answer that accepted an email went out.
    pub(crate) fn answered(&self, id: uuid::Uuid, answered: bool) {
        // It can only fail to be written, which its request has survived, too.
        let _ = self.deed(What::Answered { email: id, whole: answered });
    }

    fn perform(
        &self,
        operation: &'static Operation,
        path: Map<String, Value>,
        request: &Incoming<'_>,
        trace: &mut Trace,
    ) -> Outcome {
        let account = operation.secured.then(|| self.account(request)).transpose()?;
        let given = validation::request(self.document, &self.profile(), operation, path, request);
        let given = given.map_err(Answer::invalid)?;
        trace.strays = findings::strays(self.document, operation, request.query, &given.body);
        if operation.changes {
            return self.deed(What::Api { operation: operation.id.clone(), account, given });
        }
        self.operate_now(operation, account, given)
    }

    /// The account whose token or login a request carries, when that is known.
    fn caller(&self, operation: &Operation, request: &Incoming<'_>) -> Option<i64> {
        match request.token() {
            Some(token) => {
                let state = self.state();
                state.tokens.account(token, state.now)
            }
            None if operation.secured => None,
            None => self.state().signing_in(&validation::sent(operation, request)),
        }
    }

    /// The account that a request's token is for.
    fn account(&self, request: &Incoming<'_>) -> Result<i64, Answer> {
        let token = request.token().ok_or_else(Answer::not_authenticated)?;
        let state = self.state();
        let account = state.tokens.account(token, state.now);
        account.ok_or_else(|| Answer::unauthorized("The access token is wrong or has expired: obtain a new one"))
    }
}
