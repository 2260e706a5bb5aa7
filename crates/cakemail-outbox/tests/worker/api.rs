//! An API in memory: a transport that accepts emails, shows them in its logs, and fails as a test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::{Client, Credentials};
use cakemail_transport::{Dispatch, Request, Response, SendBy, Transport, TransportError, TransportErrorKind};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// A clone shares everything.
#[derive(Clone)]
pub struct Api(Arc<Mutex<ApiState>>);

pub struct ApiState {
    /// The accepted emails, and when.
    pub accepted: Vec<(String, Instant)>,
    /// The tag of every submission that arrived, accepted or not.
    pub submissions: Vec<String>,
    pub searches: usize,
    pub most_in_flight: usize,
    in_flight: usize,
    /// By the clock of the runtime, which the tests pause.
    pub latency: Duration,
    /// How long after its acceptance an email is in the logs.
    pub lag: Duration,
    pub logs_fail: bool,
    /// What the nth submission of a tag comes to, from 1.
    pub reply: Replies,
}

type Replies = Arc<dyn Fn(&str, usize) -> Reply + Send + Sync>;

#[derive(Debug, Clone)]
pub enum Reply {
    Accept,
    /// Accepted, and the response is lost.
    AcceptLost,
    /// Not accepted, and nobody knows.
    Lost,
    /// Not sent, as is proven.
    NotSent,
    Status(u16, Value),
    RetryAfter(u64),
    Panic,
}

impl Api {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(ApiState {
            accepted: Vec::new(),
            submissions: Vec::new(),
            searches: 0,
            most_in_flight: 0,
            in_flight: 0,
            latency: Duration::from_millis(20),
            lag: Duration::ZERO,
            logs_fail: false,
            reply: Arc::new(|_, _| Reply::Accept),
        })))
    }

    pub fn state(&self) -> MutexGuard<'_, ApiState> {
        self.0.lock().unwrap()
    }

    pub fn reply(&self, reply: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) {
        self.state().reply = Arc::new(reply);
    }

    /// How many times each tag was accepted.
    pub fn accepted(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (tag, _) in &self.state().accepted {
            *counts.entry(tag.clone()).or_default() += 1;
        }
        counts
    }

    /// When emails were accepted, in order.
    pub fn times(&self) -> Vec<Instant> {
        self.state().accepted.iter().map(|(_, at)| *at).collect()
    }

    pub fn client(&self) -> Client {
        Client::builder().credentials(Credentials::access_token("any")).transport(self.clone()).build().unwrap()
    }

    fn accept(&self, tag: &str) -> Value {
        let mut state = self.state();
        state.accepted.push((tag.to_owned(), Instant::now()));
        json!({"submitted": true, "data": {"id": id(tag), "status": "queued"}})
    }

    async fn submit(&self, request: Request) -> Result<Response, TransportError> {
        let send_by = request.extensions().get::<SendBy>().cloned();
        let send_by = send_by.ok_or_else(|| failed(Dispatch::NotSent, "the request has no moment to send by"))?;
        let unreadable = |error| TransportError::new(TransportErrorKind::Body, Dispatch::NotSent, error);
        let body = request.body().clone().read().await.map_err(unreadable)?;
        if send_by.has_passed() {
            return Err(failed(Dispatch::NotSent, "the gate has shut"));
        }
        let body: Value = serde_json::from_slice(&body).unwrap();
        let tag = body["tags"][0].as_str().unwrap().to_owned();
        let (reply, latency) = {
            let mut state = self.state();
            state.submissions.push(tag.clone());
            let number = state.submissions.iter().filter(|other| **other == tag).count();
            (Arc::clone(&state.reply)(&tag, number), state.latency)
        };
        sleep(latency / 2).await;
        let body = matches!(reply, Reply::Accept | Reply::AcceptLost).then(|| self.accept(&tag));
        sleep(latency / 2).await;
        match reply {
            Reply::Accept => respond(201, &[], &body.unwrap_or_default()),
            Reply::AcceptLost | Reply::Lost => Err(failed(Dispatch::MaybeSent, "lost")),
            Reply::NotSent => Err(failed(Dispatch::NotSent, "not sent")),
            Reply::Status(status, body) => respond(status, &[], &body),
            Reply::RetryAfter(seconds) => {
                respond(429, &[("retry-after", &seconds.to_string())], &json!({"detail": "too many requests"}))
            }
            Reply::Panic => panic!("the test's panic"),
        }
    }

    async fn search(&self, request: Request) -> Result<Response, TransportError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let latency = self.state().latency;
        sleep(latency).await;
        let mut state = self.state();
        state.searches += 1;
        if state.logs_fail {
            return respond(503, &[], &json!({"detail": "maintenance"}));
        }
        let wanted = query.split('&').find_map(|pair| pair.strip_prefix("tags=")).unwrap_or_default();
        let is_shown = |(tag, at): &&(String, Instant)| tag == wanted && at.elapsed() >= state.lag;
        let entry = |(tag, _): &(String, Instant)| json!({"email_id": id(tag), "type": "queued", "tags": [tag], "email": "ada@example.com", "subject": "Hi"});
        let entries: Vec<_> = state.accepted.iter().filter(is_shown).take(1).map(entry).collect();
        respond(200, &[], &json!({"pagination": {"has_more": false}, "data": entries}))
    }
}

fn id(tag: &str) -> String {
    format!("id-of-{tag}")
}

fn failed(dispatch: Dispatch, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::ConnectionLost, dispatch, cause)
}

fn respond(status: u16, headers: &[(&'static str, &str)], body: &Value) -> Result<Response, TransportError> {
    let mut response = Response::new(body.to_string().into());
    *response.status_mut() = status.try_into().unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(response)
}

/// Counts a submission as in flight, also when it is cancelled.
struct InFlight(Api);

impl InFlight {
    fn new(api: &Api) -> Self {
        let mut state = api.state();
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        drop(state);
        Self(api.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}

#[async_trait]
impl Transport for Api {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match request.uri().path() {
            "/v2/emails" => {
                let _in_flight = InFlight::new(self);
                self.submit(request).await
            }
            _ => self.search(request).await,
        }
    }

    fn holds_send_by(&self) -> bool {
        true
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Api")
    }
}
