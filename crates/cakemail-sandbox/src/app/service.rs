//! The response to one request.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Response, Version};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::connection::{Connection, InFlight};
use super::context::App;
use super::control;
use super::cors;
use super::dispatch::dispatch;
use super::import::import;
use super::reply::{Reply, StreamedResponse};
use crate::api::request::Request;
use crate::api::response::ApiResponse;
use crate::engine::run_until;
use crate::inspect::Trace;

/// Ends hyper without a response, so that a script can take over the connection.
#[derive(Debug, thiserror::Error)]
#[error("no response")]
pub(super) struct Withheld;

pub(super) async fn serve_request(
    app: &Arc<App>,
    connection: &Arc<Connection>,
    request: http::Request<Incoming>,
) -> Result<StreamedResponse, Withheld> {
    let received = Instant::now();
    let (in_flight, reused) = connection.begin();
    let (mut head, incoming) = request.into_parts();
    let (mut body, mut unread, mut refusal) = (None, None, set_host(&mut head).err());
    if refusal.is_some() || control::is_import(app, head.method.as_str(), app.base.strip(head.uri.path())) {
        unread = Some(incoming);
    } else {
        match app.bodies.read(incoming).await {
            Ok(read) => body = Some(read),
            Err(response) => refusal = Some(response),
        }
    }
    let request = Request {
        method: head.method.as_str(),
        path: app.base.strip(head.uri.path()),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: body.as_ref().map(|body| &*body.bytes).unwrap_or_default(),
        reused,
        received,
    };
    let (reply, trace) = match refusal {
        None => dispatch(app, &request),
        Some(refusal) => {
            (Reply::Response(refusal.with_header("connection", "close")), Some(Trace::new(app.clock().time())))
        }
    };
    let mut response = match reply {
        Reply::Response(response) => {
            let response = response.into_response();
            record(app, &request, trace, Some(&response));
            boxed(response)
        }
        Reply::Script(script) => {
            record(app, &request, trace, None);
            connection.hand_over_to(script);
            return Err(Withheld);
        }
        Reply::Pending(response) => {
            let response = run_until(app.closing.begun(), response).await;
            boxed(response.unwrap_or_else(ApiResponse::closing).into_response())
        }
        Reply::Body(response) => response,
        Reply::Import => {
            let import = async {
                match unread.take() {
                    Some(body) => import(app, body).await,
                    None => ApiResponse::internal_error("The body of the import was read already"),
                }
            };
            let imported = run_until(app.closing.begun(), import).await;
            boxed(imported.unwrap_or_else(ApiResponse::closing).into_response())
        }
    };
    // What was not read of the body is followed by no other request.
    if unread.is_some() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if response.headers().contains_key(CONNECTION) {
        connection.close();
    }
    cors::expose(&app.config.origins, &head.headers, response.headers_mut());
    Ok(response.map(|body| UnsyncBoxBody::new(Sending { body, _in_flight: in_flight })))
}

/// Sets the header `Host` to the host of the target, if that names one (RFC 9112, 3.2.2).
fn set_host(head: &mut Parts) -> Result<(), ApiResponse> {
    let hosts = head.headers.get_all(HOST).iter().count();
    if hosts > 1 || (hosts == 0 && head.version >= Version::HTTP_11) {
        return Err(ApiResponse::bad_request(&["header", "host"], "A request has the header Host once"));
    }
    let target = head.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    if let Some(host) = target {
        head.headers.insert(HOST, host);
    }
    Ok(())
}

fn record(app: &App, request: &Request<'_>, trace: Option<Trace<'_>>, response: Option<&Response<Bytes>>) {
    let Some(trace) = trace else { return };
    match response {
        Some(response) if request.method == Method::HEAD => {
            app.record(request, &trace, Some(&response.clone().map(|_| Bytes::new())));
        }
        _ => app.record(request, &trace, response),
    }
}

fn boxed(response: Response<Bytes>) -> StreamedResponse {
    let never = |impossible: Infallible| match impossible {};
    response.map(|body| UnsyncBoxBody::new(Full::new(body).map_err(never)))
}

/// The body of a response. Its request is in flight until hyper has taken all of it.
struct Sending<B> {
    body: B,
    _in_flight: InFlight,
}

impl<B: Body<Data = Bytes, Error = io::Error> + Unpin> Body for Sending<B> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
