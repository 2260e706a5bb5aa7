//! A connection, which belongs to the call that uses it and is driven by that call.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};

use super::call_waker::CallWaker;
use super::connect::{Stream, tcp};
use super::counted::Shared;
use super::deferring::DeferringStream;
use crate::response::{BodyBuffer, connection_error};
use crate::{Body, Dispatch, DispatchWatch, Request, Response, TransportError};

/// An open connection.
///
/// No task drives it. It makes progress only while the call that uses it is polled, so it never depends on another task
/// or runtime, and it closes when it is dropped.
pub(super) struct Connection {
    sender: SendRequest<Body>,
    driver: Driver,
    shared: Arc<Shared>,
    waker: CallWaker,
}

/// Reads and writes. `None` when the connection is closed: hyper fails a request that it has not begun only when this is
/// dropped.
type Driver = Option<http1::Connection<DeferringStream, Body>>;

/// The head of a response, and its body that is still to be read.
type ResponseHead = Result<http::Response<Incoming>, TrySendError<Request>>;

/// An exchange without a response.
pub(super) enum Failure {
    /// The connection closed before any of the request was written. Here it is back.
    Unused(Box<Request>),
    Error(TransportError),
}

impl Connection {
    /// Prepares HTTP on a stream. Sends nothing.
    pub(super) async fn open(stream: Stream) -> Result<Self, hyper::Error> {
        let shared = Arc::clone(tcp(&stream).shared());
        let (sender, driver) = http1::handshake(DeferringStream::new(stream)).await?;
        Ok(Self { sender, driver: Some(driver), shared, waker: CallWaker::new() })
    }

    /// Prepares the idle connection for a request. If the server has closed it or sent something unasked, the first read
    /// of the exchange notices that, before any of the request is written: the exchange is [`Failure::Unused`].
    pub(super) fn reuse(&self) -> bool {
        self.shared.set_idle();
        self.is_waiting()
    }

    /// Whether the last response is complete and the connection stays open.
    pub(super) fn is_ready(&mut self) -> bool {
        if !self.is_waiting() {
            self.drive();
        }
        self.is_waiting()
    }

    /// Whether hyper waits for the next request.
    fn is_waiting(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Sends a request, whose response [`receive`](Self::receive) waits for.
    pub(super) fn send(&mut self, request: Request) -> impl Future<Output = ResponseHead> + use<> {
        self.shared.begin(request.extensions().get());
        self.sender.try_send_request(request)
    }

    /// Reads a response, whose body has at most `limit` bytes. The head is pinned by the caller: a parameter that is pinned
    /// here would be in the future twice.
    pub(super) async fn receive(
        &mut self,
        mut head: Pin<&mut impl Future<Output = ResponseHead>>,
        limit: u64,
        progress: &Progress<'_>,
    ) -> Result<Response, Failure> {
        let head = poll_fn(|call| self.poll(call, progress, |context| head.as_mut().poll(context)));
        let (parts, body) = match head.await {
            Ok(response) => response.into_parts(),
            Err(mut error) => {
                return Err(match error.take_message() {
                    Some(unused) => Failure::Unused(Box::new(unused)),
                    None => Failure::Error(progress.prove(&self.shared, connection_error(error.into_error()))),
                });
            }
        };
        let body = self.read(body, limit, progress).await.map_err(Failure::Error)?;
        Ok(Response::from_parts(parts, body))
    }

    /// Reads a body of at most `limit` bytes.
    async fn read(&mut self, mut body: Incoming, limit: u64, progress: &Progress<'_>) -> Result<Bytes, TransportError> {
        let buffer = BodyBuffer::new(body.size_hint().lower(), limit);
        let mut buffer = buffer.map_err(|error| progress.prove(&self.shared, error))?;
        while !body.is_end_stream() {
            let mut poll_frame = |context: &mut Context<'_>| Pin::new(&mut body).poll_frame(context);
            let frame = poll_fn(|call| match poll_frame(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => self.poll(call, progress, &mut poll_frame),
                frame => frame,
            });
            let Some(frame) = frame.await else { break };
            let frame = frame.map_err(|error| progress.prove(&self.shared, connection_error(error)))?;
            if let Ok(data) = frame.into_data() {
                buffer.push(data).map_err(|error| progress.prove(&self.shared, error))?;
            }
        }
        Ok(buffer.into_bytes())
    }

    /// Drives the connection, then polls a part of the response. The call waits until that is ready.
    fn poll<T>(
        &mut self,
        call: &Context<'_>,
        progress: &Progress<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.waker.start_waiting(call.waker());
        self.drive();
        progress.report(&self.shared);
        // A response makes progress only while the connection is driven, so it need not wake anyone.
        let result = poll(&mut Context::from_waker(Waker::noop()));
        if result.is_ready() {
            self.waker.stop_waiting();
        }
        result
    }

    /// Reads and writes what is possible. hyper gives the errors of a request to its response.
    fn drive(&mut self) {
        if let Some(connection) = &mut self.driver
            && Pin::new(connection).poll(&mut self.waker.context()).is_ready()
        {
            self.driver = None;
        }
    }
}

/// How much of a request was sent, and who wants to know.
pub(super) struct Progress<'a> {
    body_length: u64,
    watch: Option<&'a DispatchWatch>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(request: &Request, watch: Option<&'a DispatchWatch>) -> Self {
        Self { body_length: request.body().len(), watch }
    }

    /// A request is longer than its body, since it has a head, and no shorter when it is encrypted. So a server cannot have
    /// the whole request while the socket accepted no more bytes than the body's length.
    fn dispatch(&self, shared: &Shared) -> Dispatch {
        if shared.accepted() <= self.body_length { Dispatch::NotSent } else { Dispatch::MaybeSent }
    }

    fn report(&self, shared: &Shared) {
        if let Some(watch) = self.watch
            && self.dispatch(shared) == Dispatch::MaybeSent
        {
            watch.sent();
        }
    }

    /// The same error, with the better of the two proofs that nothing was sent.
    fn prove(&self, shared: &Shared, error: TransportError) -> TransportError {
        match self.dispatch(shared) {
            Dispatch::NotSent => error.with_dispatch(Dispatch::NotSent),
            Dispatch::MaybeSent => error,
        }
    }
}
