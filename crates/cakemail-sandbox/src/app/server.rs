//! The HTTP/1.1 server.

use std::convert::Infallible;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http::Response;
use http::header::{HeaderName, HeaderValue};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::context::App;
use super::dispatch::{accept, dispatch, record_response};
use super::listener::Listener;
use super::reply::Reply;
use crate::api::request::Request;
use crate::api::response::ApiResponse;
use crate::engine::run_until;
use crate::faults::{Phase, Script};
use crate::inspect::Trace;
use crate::webhooks::dispatcher;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// Serves requests and delivers webhooks until it is dropped, which also closes all connections.
pub(crate) async fn serve(app: Arc<App>) {
    run_until(dispatcher::run(&app.engine, &app.config.receivers), accept_connections(&app)).await;
}

async fn accept_connections(app: &Arc<App>) {
    let _close_on_drop = CloseOnDrop(&app.listener);
    let mut connections = JoinSet::new();
    loop {
        let Ok(stream) = app.listener.accept(app.clock()).await else {
            // Most likely out of file descriptors: let other connections finish.
            tokio::task::yield_now().await;
            continue;
        };
        // Without TCP_NODELAY responses are only slower.
        let _ = stream.set_nodelay(true);
        let app = Arc::clone(app);
        connections.spawn(async move { serve_connection(&app, stream).await });
        while connections.try_join_next().is_some() {}
    }
}

struct CloseOnDrop<'a>(&'a Listener);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The state of one connection.
#[derive(Default)]
struct Connection {
    used: AtomicBool,
    /// Takes over the connection after hyper has ended.
    script: Mutex<Option<Script>>,
}

/// Ends hyper without a response, so that a script can take over the connection.
#[derive(Debug, thiserror::Error)]
#[error("no response")]
struct Withheld;

async fn serve_connection(app: &Arc<App>, stream: TcpStream) {
    if app.faults.any()
        && app.faults.at(Phase::Accept)
        && let Some(script) = script_at_accept(app, &stream).await
    {
        return play(app, script, stream).await;
    }
    let connection = Connection::default();
    let service = service_fn(|request| handle(app, &connection, request));
    let mut serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // The client notices a connection that breaks.
    let _ = (&mut serving).await;
    let script = connection.script.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(script) = script {
        play(app, script, serving.into_parts().io.into_inner()).await;
    }
}

async fn play(app: &App, script: Script, stream: TcpStream) {
    let accepted = script.accepted;
    let on_last_byte = || {
        if let Some(email) = accepted {
            record_response(app, email, true);
        }
    };
    script.play(stream, app.clock(), &app.faults, on_last_byte).await;
}

/// The script of a fault that strikes a new connection. It reads the start of the first request without consuming it.
async fn script_at_accept(app: &App, stream: &TcpStream) -> Option<Script> {
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
    let (headers, received) = (&lines.map_while(header).collect(), Instant::now());
    accept(app, &Request { method, path, query, headers, body: &[], reused: false, received })
}

type HttpResponse = Response<UnsyncBoxBody<Bytes, Infallible>>;

async fn handle(
    app: &Arc<App>,
    connection: &Connection,
    request: http::Request<Incoming>,
) -> Result<HttpResponse, Withheld> {
    let received = Instant::now();
    let (head, body) = request.into_parts();
    let body = read(body).await;
    let request = Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: body.as_deref().unwrap_or_default(),
        reused: connection.used.swap(true, Ordering::Relaxed),
        received,
    };
    let (reply, trace) = match &body {
        Some(_) => dispatch(app, &request),
        None => (Reply::Response(ApiResponse::too_large(MAX_BODY)), Some(Trace::new(app.clock().time()))),
    };
    let response = match reply {
        Reply::Response(response) => Ok(response.into_response()),
        Reply::Script(script) => Err(script),
        Reply::Stream(stream) => return Ok(stream.into_response()),
        Reply::Pending(response) => return Ok(boxed(response.await.into_response())),
    };
    if let Some(trace) = trace {
        app.record(&request, &trace, response.as_ref().ok());
    }
    response.map(boxed).map_err(|script| {
        *connection.script.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
        Withheld
    })
}

fn boxed(response: Response<Bytes>) -> HttpResponse {
    response.map(|body| UnsyncBoxBody::new(Full::new(body)))
}

/// Reads a body of at most [`MAX_BODY`] bytes. One that declares a greater length is not read at all.
async fn read(body: Incoming) -> Option<Bytes> {
    if body.size_hint().lower() > MAX_BODY as u64 {
        return None;
    }
    Limited::new(body, MAX_BODY).collect().await.ok().map(http_body_util::Collected::to_bytes)
}
