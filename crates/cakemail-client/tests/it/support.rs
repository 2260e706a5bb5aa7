//! Shared fixtures: servers in memory, whose responses arrive after a delay that the test sets.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::{Client, ClientBuilder, Credentials, ErrorKind, RateLimit};
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, ListId};
use cakemail_transport::http::header::AUTHORIZATION;
use cakemail_transport::{Dispatch, Request, Response, Transport, TransportError, TransportErrorKind};
use serde_json::{Value, json};
use tokio::time::Instant;

/// What a transport returns.
pub type Reply = Result<Response, TransportError>;
type ReplyFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// A request that a server received, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedRequest {
    pub at: Duration,
    /// The method, the path and the query.
    pub line: String,
    pub body: String,
}

/// A transport that calls a function and records the requests. A clone shares both.
#[derive(Clone)]
pub struct StubServer {
    start: Instant,
    received: Arc<Mutex<Vec<ReceivedRequest>>>,
    reply: Arc<dyn Fn(Request) -> ReplyFuture + Send + Sync>,
    /// Whether the body is read to its end before the function is called.
    reads_bodies: bool,
}

impl StubServer {
    pub fn new<F>(reply: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let reply = move |request| -> ReplyFuture { Box::pin(reply(request)) };
        Self { start: Instant::now(), received: Arc::default(), reply: Arc::new(reply), reads_bodies: true }
    }

    /// Leaves the reading of bodies to the function.
    pub fn without_reading_bodies(mut self) -> Self {
        self.reads_bodies = false;
        self
    }

    /// Replies to every request alike, without a delay.
    pub fn always(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Self {
        Self::new(move |_| std::future::ready(reply()))
    }

    /// Replies from a list, without a delay; then never.
    pub fn script(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Mutex<VecDeque<_>> = Mutex::new(replies.into_iter().collect());
        Self::new(move |_| {
            let next = replies.lock().unwrap().pop_front();
            async {
                match next {
                    Some(reply) => reply,
                    None => std::future::pending().await,
                }
            }
        })
    }

    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.received.lock().unwrap().clone()
    }

    /// When each request was received.
    pub fn times(&self) -> Vec<Duration> {
        self.requests().into_iter().map(|request| request.at).collect()
    }

    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// A client with an access token and without a rate limit.
    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub fn builder(&self) -> ClientBuilder {
        let credentials = Credentials::access_token("any");
        Client::builder().credentials(credentials).transport(self.clone()).rate_limit(RateLimit::Unlimited)
    }
}

impl fmt::Debug for StubServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StubServer")
    }
}

#[async_trait]
impl Transport for StubServer {
    async fn send(&self, request: Request) -> Reply {
        let body = match self.reads_bodies {
            true => request.body().clone().read().await,
            false => Ok(Default::default()),
        };
        let body = body.map_err(|cause| TransportError::new(TransportErrorKind::Body, Dispatch::NotSent, cause))?;
        self.received.lock().unwrap().push(ReceivedRequest {
            at: self.start.elapsed(),
            line: format!("{} {}", request.method(), request.uri().path_and_query().unwrap()),
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        (self.reply)(request).await
    }

    fn holds_send_by(&self) -> bool {
        true
    }
}

pub fn status(status: u16, body: Value) -> Reply {
    respond(status, &[], &body.to_string())
}

pub fn respond(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
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

/// A response that every call of these tests can decode: a user, a sender, a submission.
pub fn ok() -> Reply {
    status(200, json!({"id": "7", "data": {"id": "7", "status": "queued"}}))
}

pub fn unauthorized() -> Reply {
    status(401, json!({"detail": "Not authenticated"}))
}

pub fn transport_error(kind: TransportErrorKind, dispatch: Dispatch) -> Reply {
    Err(TransportError::new(kind, dispatch, "the cause given by the test"))
}

pub fn email() -> NewEmail {
    NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Welcome", "Hello."))
}

/// Makes a call that takes a token.
pub async fn call(client: &Client) -> Result<(), ErrorKind> {
    client.users().me().await.map(drop).map_err(|error| error.kind())
}

/// Advances the test's clock. It is paused, so it jumps there as soon as all tasks are idle.
pub async fn advanced(time: Duration) {
    tokio::time::sleep_until(Instant::now() + time).await;
}

/// A server that requires tokens, and grants `t1` with the refresh token `r1`, then `t2` with `r2`, and so on.
#[derive(Clone)]
pub struct TokenServer {
    pub stub: StubServer,
    state: Arc<Mutex<TokenServerState>>,
}

pub struct TokenServerState {
    /// The `expires_in` of tokens, in seconds; `None` leaves it out.
    pub lifetime: Option<u64>,
    pub grants_refresh_tokens: bool,
    /// The delay of a response to a request for a token, and to any other request.
    pub token_delay: Duration,
    pub call_delay: Duration,
    /// The responses to the next requests for tokens, in place of a token.
    pub token_replies: VecDeque<fn() -> Reply>,
    /// Whether the server rejects the tokens that it granted.
    pub rejects_its_tokens: bool,
    granted: usize,
    /// The valid tokens, and when they expire.
    valid: HashMap<String, Instant>,
}

impl TokenServer {
    pub fn new() -> Self {
        let state = Arc::new(Mutex::new(TokenServerState {
            lifetime: Some(3600),
            grants_refresh_tokens: true,
            token_delay: Duration::ZERO,
            call_delay: Duration::ZERO,
            token_replies: VecDeque::new(),
            rejects_its_tokens: false,
            granted: 0,
            valid: HashMap::new(),
        }));
        let shared = Arc::clone(&state);
        let stub = StubServer::new(move |request| reply(Arc::clone(&shared), request));
        Self { stub, state }
    }

    pub fn state(&self) -> MutexGuard<'_, TokenServerState> {
        self.state.lock().unwrap()
    }

    /// Revokes all access tokens.
    pub fn revoke(&self) {
        self.state().valid.clear();
    }

    /// The grant of each request for a token: `password`, or the refresh token that was sent.
    pub fn grants(&self) -> Vec<String> {
        let requests = self.stub.requests().into_iter().filter(|request| request.line.contains("/token"));
        requests.map(|request| grant(&request.body)).collect()
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// A client with a password.
    pub fn builder(&self) -> ClientBuilder {
        self.stub.builder().credentials(Credentials::password("ada@example.com", "p+w"))
    }
}

async fn reply(state: Arc<Mutex<TokenServerState>>, request: Request) -> Reply {
    if request.uri().path() != "/token" {
        let delay = state.lock().unwrap().call_delay;
        let token = request.headers().get(AUTHORIZATION).map(|token| token.to_str().unwrap().replace("Bearer ", ""));
        advanced(delay).await;
        let expires_at = token.and_then(|token| state.lock().unwrap().valid.get(&token).copied());
        return if expires_at.is_some_and(|at| Instant::now() < at) { ok() } else { unauthorized() };
    }
    let (delay, reply) = {
        let mut state = state.lock().unwrap();
        (state.token_delay, state.token_replies.pop_front())
    };
    advanced(delay).await;
    reply.map_or_else(|| state.lock().unwrap().grant(), |reply| reply())
}

impl TokenServerState {
    fn grant(&mut self) -> Reply {
        self.granted += 1;
        let number = self.granted;
        let lifetime = self.lifetime.unwrap_or(3600);
        if !self.rejects_its_tokens {
            self.valid.insert(format!("t{number}"), Instant::now() + Duration::from_secs(lifetime));
        }
        let mut token = json!({"access_token": format!("t{number}"), "token_type": "bearer"});
        if let Some(lifetime) = self.lifetime {
            token["expires_in"] = lifetime.into();
        }
        if self.grants_refresh_tokens {
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
