//! One connection, from its first request to its end.
//!
//! hyper parses the requests and writes the responses. It is there only while there are requests: a connection that is
//! idle has no buffers, so that thousands of them take little memory.

mod stream;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use self::stream::Stream;
use super::context::App;
use super::dispatch::{accept, record_response};
use super::service::serve_request;
use crate::api::request::Request;
use crate::engine::run_until;
use crate::faults::{Phase, Script};

/// How long a connection may wait for its next request. Clients end their idle connections sooner: an idle connection that
/// the server ends can break a request that is sent at the same time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// How long the head of a request may take from its first byte.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long hyper waits for another request at least. After twice that time it is gone.
const QUIET: Duration = Duration::from_secs(1);

/// The largest head of a request in bytes. It is also how much of a response is buffered.
const MAX_HEAD: usize = 64 * 1024;

/// How long the client may send after the last response, and how long it may pause meanwhile.
const LINGER: Duration = Duration::from_secs(30);
const LINGER_PAUSE: Duration = Duration::from_secs(5);

/// The state of one connection.
#[derive(Default)]
pub(super) struct Connection {
    /// How many requests it has carried.
    requests: AtomicU64,
    /// Whether a request is being read or handled, or its response is being made.
    in_flight: AtomicBool,
    /// Whether the client reads more slowly than the response is written.
    write_blocked: AtomicBool,
    /// Whether the response said that it is the last one.
    closes: AtomicBool,
    /// Takes over the connection after hyper has ended.
    script: Mutex<Option<Script>>,
}

/// Marks a request as in flight until it is dropped.
pub(super) struct InFlight(Arc<Connection>);

impl Connection {
    /// Begins a request. Returns also whether there was one before.
    pub(super) fn begin(self: &Arc<Self>) -> (InFlight, bool) {
        self.in_flight.store(true, Ordering::Relaxed);
        (InFlight(Arc::clone(self)), self.requests.fetch_add(1, Ordering::Relaxed) > 0)
    }

    /// The response that is about to be sent is the last one.
    pub(super) fn close(&self) {
        self.closes.store(true, Ordering::Relaxed);
    }

    pub(super) fn hand_over_to(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
    }

    fn script(&self) -> Option<Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether hyper has written the responses to all requests that it has read, and waits for another one.
    fn is_idle(&self) -> bool {
        let flags = [&self.in_flight, &self.write_blocked, &self.closes];
        !flags.into_iter().any(|flag| flag.load(Ordering::Relaxed))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.store(false, Ordering::Relaxed);
    }
}

pub(super) async fn serve_connection(app: Arc<App>, stream: TcpStream) {
    let _counted = app.metrics.connection();
    if !has_request(&app, &stream).await {
        return;
    }
    let script = Box::pin(script_at_accept(&app, &stream)).await;
    if let Some(script) = script {
        return Box::pin(play(&app, script, stream)).await;
    }
    let connection = Arc::default();
    let mut next = Some((stream, Bytes::new()));
    while let Some((stream, start)) = next {
        if start.is_empty() && !has_request(&app, &stream).await {
            return;
        }
        // In a box, which is gone while the connection is idle.
        next = Box::pin(serve_requests(&app, &connection, stream, start)).await;
    }
}

/// Waits for the first byte of a request. Returns false when none comes.
async fn has_request(app: &App, stream: &TcpStream) -> bool {
    let mut byte = [0];
    let first = run_until(app.closing.begun(), timeout(IDLE_TIMEOUT, stream.peek(&mut byte))).await;
    matches!(first, Some(Ok(Ok(1))))
}

/// Serves requests until there is none for the moment. Returns the stream and the start of the next request then, and
/// nothing when the connection has ended.
async fn serve_requests(
    app: &Arc<App>,
    connection: &Arc<Connection>,
    stream: TcpStream,
    start: Bytes,
) -> Option<(TcpStream, Bytes)> {
    let service = service_fn(|request| serve_request(app, connection, request));
    let stream = TokioIo::new(Stream::new(stream, start, Arc::clone(connection)));
    let mut serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_HEAD)
        // A client may send its request and end its side before it reads the response.
        .half_close(true)
        .serve_connection(stream, service);
    let (mut closing, mut quiet) = (pin!(app.closing.begun()), pin!(sleep(QUIET)));
    let before = connection.requests();
    let mut seen = before;
    let (mut is_closing, mut is_parked) = (false, false);
    let result = poll_fn(|context| {
        loop {
            if let Poll::Ready(result) = Pin::new(&mut serving).poll(context) {
                return Poll::Ready(result);
            }
            if !is_closing && closing.as_mut().poll(context).is_ready() {
                is_closing = true;
            } else if !is_parked && quiet.as_mut().poll(context).is_ready() {
                quiet.as_mut().reset(tokio::time::Instant::now() + QUIET);
                let last = std::mem::replace(&mut seen, connection.requests());
                is_parked = connection.is_idle() && seen == last && seen > before;
                if !is_parked {
                    continue;
                }
            } else {
                return Poll::Pending;
            }
            // It ends at once when it is idle, and otherwise after the response.
            Pin::new(&mut serving).graceful_shutdown();
        }
    })
    .await;
    let parts = serving.into_parts();
    let stream = parts.io.into_inner().into_inner();
    if let Some(script) = connection.script() {
        play(app, script, stream).await;
        return None;
    }
    match result {
        Ok(()) if is_parked && !is_closing => {
            // An empty part of a buffer would keep the whole buffer.
            let start = if parts.read_buf.is_empty() { Bytes::new() } else { parts.read_buf };
            return Some((stream, start));
        }
        // The connection is broken, or too slow.
        Err(error) if !error.is_parse() => {}
        // Closing with unread bytes would reset the connection, and the client might lose the response.
        _ => {
            let _ = run_until(app.closing.begun(), timeout(LINGER, linger(stream))).await;
        }
    }
    None
}

/// Ends this side of the connection, and reads until the client ends the other side.
async fn linger(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut ignored = vec![0; 16 * 1024];
    while let Ok(Ok(1..)) = timeout(LINGER_PAUSE, stream.read(&mut ignored)).await {}
}

async fn play(app: &App, script: Script, stream: TcpStream) {
    let accepted = script.accepted;
    let on_last_byte = || {
        if let Some(email) = accepted {
            record_response(app, email, true);
        }
    };
    run_until(app.closing.begun(), script.play(stream, app.clock(), &app.faults, on_last_byte)).await;
}

/// The script of a fault that strikes a new connection. It reads the start of the first request without consuming it.
async fn script_at_accept(app: &App, stream: &TcpStream) -> Option<Script> {
    if !app.faults.any() || !app.faults.at(Phase::Accept) {
        return None;
    }
    let mut start = [0; 1024];
    let length = stream.peek(&mut start).await.ok()?;
    let mut lines = str::from_utf8(&start[..length]).ok()?.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let target = target.split(' ').next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((HeaderName::from_str(name).ok()?, HeaderValue::from_str(value.trim()).ok()?))
    };
    let path = app.base.strip(path);
    let (headers, received) = (&lines.map_while(header).collect(), Instant::now());
    let path = app.base.strip(path);
    accept(app, &Request { method, path, query, headers, body: &[], reused: false, received })
}
