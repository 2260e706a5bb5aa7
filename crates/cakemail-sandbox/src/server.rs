//! HTTP/1.1 in, HTTP/1.1 out.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Incoming as Body};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::answer::{Answer, Payload};
use crate::core::{Core, Incoming};

/// The largest body that is read, in bytes.
const BODY: usize = 32 * 1024 * 1024;

/// Accepts until it is dropped, and its connections with it.
pub(crate) async fn serve(listener: TcpListener, core: Arc<Core>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: let others finish.
            tokio::task::yield_now().await;
            continue;
        };
        // A missing TCP_NODELAY only makes answers later.
        let _ = stream.set_nodelay(true);
        let core = Arc::clone(&core);
        connections.spawn(async move {
            let service = service_fn(|request| handle(&core, request));
            // A connection that breaks is the client's to notice.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn handle(core: &Core, request: Request<Body>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let header = |name| head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let body = read(body).await;
    let mut incoming = Incoming {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        authorization: header(AUTHORIZATION),
        content_type: header(CONTENT_TYPE),
        body: &[],
    };
    let answer = match &body {
        Some(body) => {
            incoming.body = body;
            core.answer(&incoming)
        }
        None => {
            let answer = Answer::too_large(BODY);
            core.note(&incoming, None, answer.status);
            answer
        }
    };
    Ok(response(answer))
}

/// A body of at most [`BODY`] bytes; one that says that it is longer is not waited for.
async fn read(body: Body) -> Option<Bytes> {
    if body.size_hint().lower() > BODY as u64 {
        return None;
    }
    Limited::new(body, BODY).collect().await.ok().map(http_body_util::Collected::to_bytes)
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let (content_type, body) = match answer.body {
        Payload::Json(value) => ("application/json", value.to_string()),
        Payload::Html(text) => ("text/html; charset=utf-8", text),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    let fidelity = HeaderValue::from_static(answer.fidelity.word());
    headers.insert(HeaderName::from_static("x-sandbox-fidelity"), fidelity);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
