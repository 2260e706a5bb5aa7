//! HTTP/1.1 in, HTTP/1.1 out.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Incoming as Body};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::api::response::Answer;
use crate::app::context::{Core, Incoming, Reply};
use crate::app::listener::Door;
use crate::engine::run_until::run_until;
use crate::faults::{Phase, Script};
use crate::inspect::requests::Trace;
use crate::webhooks::dispatcher;

/// The largest body that is read, in bytes.
const BODY: usize = 32 * 1024 * 1024;

/// Serves and delivers until it is dropped, and all connections with it.
pub(crate) async fn serve(core: Arc<Core>) {
    run_until(dispatcher::run(&core), accept(&core)).await;
}

async fn accept(core: &Arc<Core>) {
    let _closing = Closing(&core.door);
    let mut connections = JoinSet::new();
    loop {
        let Ok(stream) = core.door.accept(&core.clock).await else {
            // Out of file descriptors, most likely: let others finish.
            tokio::task::yield_now().await;
            continue;
        };
        // A missing TCP_NODELAY only makes answers later.
        let _ = stream.set_nodelay(true);
        let core = Arc::clone(core);
        connections.spawn(async move { connection(&core, stream).await });
        while connections.try_join_next().is_some() {}
    }
}

struct Closing<'a>(&'a Door);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// One connection's requests so far, and what ends it.
#[derive(Default)]
struct Progress {
    used: AtomicBool,
    script: Mutex<Option<Script>>,
}

/// The answer is withheld: hyper ends, and what is left of the connection is the script's.
#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct Withheld;

async fn connection(core: &Arc<Core>, stream: TcpStream) {
    if core.faults.any()
        && core.faults.at(Phase::Accept)
        && let Some(script) = at_accept(core, &stream).await
    {
        return script.play(stream, core).await;
    }
    let progress = Progress::default();
    let service = service_fn(|request| handle(core, &progress, request));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's to notice.
    let _ = (&mut connection).await;
    let script = progress.script.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(script) = script {
        script.play(connection.into_parts().io.into_inner(), core).await;
    }
}

/// What goes wrong with a new connection, by the first bytes that come, which are left there.
async fn at_accept(core: &Core, stream: &TcpStream) -> Option<Script> {
    let mut start = [0; 1024];
    let length = stream.peek(&mut start).await.ok()?;
    let line = str::from_utf8(&start[..length]).ok()?.lines().next()?;
    let (method, target) = line.split_once(' ')?;
    let target = target.split(' ').next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    core.accept(&Incoming {
        method,
        path,
        query,
        headers: &HeaderMap::new(),
        body: &[],
        reused: false,
        came: Instant::now(),
    })
}

type Answered = Response<UnsyncBoxBody<Bytes, Infallible>>;

async fn handle(core: &Arc<Core>, progress: &Progress, request: Request<Body>) -> Result<Answered, Withheld> {
    let came = Instant::now();
    let (head, body) = request.into_parts();
    let body = read(body).await;
    let request = Incoming {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: body.as_deref().unwrap_or_default(),
        reused: progress.used.swap(true, Ordering::Relaxed),
        came,
    };
    let (reply, trace) = match &body {
        Some(_) => core.answer(&request),
        None => (Reply::Answer(Answer::too_large(BODY)), Some(Trace::at(core.clock.time()))),
    };
    let reply = match reply {
        Reply::Answer(answer) => Ok(answer.into_response()),
        Reply::Later(answer) => return Ok(whole(answer.await.into_response())),
        Reply::Live(live) => return Ok(live.into_response()),
        Reply::Script(script) => Err(script),
    };
    if let Some(trace) = trace {
        core.note(&request, &trace, reply.as_ref().ok());
    }
    reply.map(whole).map_err(|script| {
        *progress.script.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
        Withheld
    })
}

fn whole(answer: Response<Bytes>) -> Answered {
    answer.map(|body| UnsyncBoxBody::new(Full::new(body)))
}

/// A body of at most [`BODY`] bytes; one that says that it is longer is not waited for.
async fn read(body: Body) -> Option<Bytes> {
    if body.size_hint().lower() > BODY as u64 {
        return None;
    }
    Limited::new(body, BODY).collect().await.ok().map(http_body_util::Collected::to_bytes)
}
