//! Servers in memory, which answer as late as a test says.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::{Client, ClientBuilder, Credentials, RateLimit};
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, ListId};
use cakemail_transport::http::header::AUTHORIZATION;
use cakemail_transport::{Dispatch, Request, Response, Transport, TransportError, TransportErrorKind};
use serde_json::{Value, json};
use tokio::time::Instant;

pub type Answer = Result<Response, TransportError>;
type Later = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// What was asked, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub at: Duration,
    pub line: String,
    pub body: String,
}

/// A transport that is a function, and that remembers what it was asked. A clone is the same one.
#[derive(Clone)]
pub struct Server {
    start: Instant,
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: Arc<dyn Fn(Request) -> Later + Send + Sync>,
    /// Whether a body is read to its end before it is answered, as a server does.
    reads: bool,
}

impl Server {
    pub fn new<F>(answer: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let answer = move |request| -> Later { Box::pin(answer(request)) };
        Self { start: Instant::now(), asked: Arc::default(), answer: Arc::new(answer), reads: true }
    }

    /// The same, which leaves bodies to the function.
    pub fn unread(mut self) -> Self {
        self.reads = false;
        self
    }

    /// One that always answers the same, at once.
    pub fn always(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Self {
        Self::new(move |_| std::future::ready(answer()))
    }

    /// One that answers from a list, at once, and hangs at its end.
    pub fn script(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: Mutex<VecDeque<_>> = Mutex::new(answers.into_iter().collect());
        Self::new(move |_| {
            let next = answers.lock().unwrap().pop_front();
            async {
                match next {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            }
        })
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// When it was asked.
    pub fn times(&self) -> Vec<Duration> {
        self.asked().into_iter().map(|asked| asked.at).collect()
    }

    pub fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// A client with a token that nobody doubts, which is not held back.
    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub fn builder(&self) -> ClientBuilder {
        let credentials = Credentials::access_token("any");
        Client::builder().credentials(credentials).transport(self.clone()).rate_limit(RateLimit::Unlimited)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: Request) -> Answer {
        let body = match self.reads {
            true => request.body().clone().read().await,
            false => Ok(Default::default()),
        };
        let body = body.map_err(|cause| TransportError::new(TransportErrorKind::Body, Dispatch::NotSent, cause))?;
        self.asked.lock().unwrap().push(Asked {
            at: self.start.elapsed(),
            line: format!("{} {}", request.method(), request.uri().path_and_query().unwrap()),
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        (self.answer)(request).await
    }
}

pub fn status(status: u16, body: Value) -> Answer {
    respond(status, &[], &body.to_string())
}

pub fn respond(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut response = Response::new(body.to_owned().into());
    *response.status_mut() = status.try_into().unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(
            cakemail_transport::http::HeaderName::try_from(*name).unwrap(),
            cakemail_transport::http::HeaderValue::try_from(*value).unwrap(),
        );
    }
    Ok(response)
}

/// What every call that is made here can read: a user, a sender, a submission.
pub fn fine() -> Answer {
    status(200, json!({"id": "7", "data": {"id": "7", "status": "queued"}}))
}

pub fn fail(kind: TransportErrorKind, delivery: Dispatch) -> Answer {
    Err(TransportError::new(kind, delivery, "as the test says"))
}

pub fn email() -> NewEmail {
    NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Welcome", "Hello."))
}

/// A server that wants tokens, and grants them: `t1` with the refresh token `r1`, then `t2` with `r2`.
#[derive(Clone)]
pub struct Guarded {
    pub server: Server,
    state: Arc<Mutex<Doors>>,
}

pub struct Doors {
    /// In seconds, as `expires_in` says; `None` leaves it out.
    pub lifetime: Option<u64>,
    /// Whether a refresh token comes with a token.
    pub refreshable: bool,
    /// How long it thinks about a token, and about anything else.
    pub token_takes: Duration,
    pub call_takes: Duration,
    /// What the next requests for a token get instead.
    pub refusals: VecDeque<fn() -> Answer>,
    /// Whether it refuses the tokens that it grants.
    pub forgetful: bool,
    granted: usize,
    good: HashMap<String, Instant>,
}

impl Guarded {
    pub fn new() -> Self {
        let state = Arc::new(Mutex::new(Doors {
            lifetime: Some(3600),
            refreshable: true,
            token_takes: Duration::ZERO,
            call_takes: Duration::ZERO,
            refusals: VecDeque::new(),
            forgetful: false,
            granted: 0,
            good: HashMap::new(),
        }));
        let doors = Arc::clone(&state);
        let server = Server::new(move |request| answer(Arc::clone(&doors), request));
        Self { server, state }
    }

    pub fn doors(&self) -> MutexGuard<'_, Doors> {
        self.state.lock().unwrap()
    }

    /// Declares all tokens to be bad.
    pub fn revoke(&self) {
        self.doors().good.clear();
    }

    /// How each token was asked for: `password`, or a refresh token, or whatever else it was.
    pub fn asked(&self) -> Vec<String> {
        let tokens = self.server.asked().into_iter().filter(|asked| asked.line.contains("/token"));
        tokens.map(|asked| grant(&asked.body)).collect()
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub fn builder(&self) -> ClientBuilder {
        self.server.builder().credentials(Credentials::password("ada@example.com", "p+w"))
    }
}

/// Returns when the test's clock has gone on by so much. The clock is paused: it jumps there once all are idle, and nobody
/// waits.
pub async fn passed(time: Duration) {
    tokio::time::sleep_until(Instant::now() + time).await;
}

async fn answer(doors: Arc<Mutex<Doors>>, request: Request) -> Answer {
    if request.uri().path() != "/token" {
        let takes = doors.lock().unwrap().call_takes;
        let token = request.headers().get(AUTHORIZATION).map(|token| token.to_str().unwrap().replace("Bearer ", ""));
        passed(takes).await;
        let good = token.and_then(|token| doors.lock().unwrap().good.get(&token).copied());
        return if good.is_some_and(|until| Instant::now() < until) { fine() } else { unauthorized() };
    }
    let (takes, refusal) = {
        let mut doors = doors.lock().unwrap();
        (doors.token_takes, doors.refusals.pop_front())
    };
    passed(takes).await;
    refusal.map_or_else(|| doors.lock().unwrap().grant(), |refusal| refusal())
}

impl Doors {
    fn grant(&mut self) -> Answer {
        self.granted += 1;
        let number = self.granted;
        let lifetime = self.lifetime.unwrap_or(3600);
        if !self.forgetful {
            self.good.insert(format!("t{number}"), Instant::now() + Duration::from_secs(lifetime));
        }
        let mut token = json!({"access_token": format!("t{number}"), "token_type": "bearer"});
        if let Some(lifetime) = self.lifetime {
            token["expires_in"] = lifetime.into();
        }
        if self.refreshable {
            token["refresh_token"] = format!("r{number}").into();
        }
        status(200, token)
    }
}

fn grant(body: &str) -> String {
    let field = |name: &str| body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    match field("grant_type") {
        Some("refresh_token") => field("refresh_token").unwrap().to_owned(),
        Some(other) => other.to_owned(),
        None => body.to_owned(),
    }
}

pub fn unauthorized() -> Answer {
    status(401, json!({"detail": "Not authenticated"}))
}
