//! tower: any service can be a transport, and any transport is a service.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use tower_service::Service;

use crate::error::BoxError;
use crate::{Dispatch, Request, Response, Transport, TransportError, TransportErrorKind};

/// A transport that sends with a tower service. Each request uses a clone of the service.
///
/// A [`TransportError`] of the service is returned unchanged. Any other error proves nothing: it is a
/// [`TransportErrorKind::ConnectionLost`] that is [`Dispatch::MaybeSent`].
#[derive(Clone)]
pub struct TowerTransport<S> {
    service: S,
}

impl<S> TowerTransport<S> {
    /// Creates a transport over a service.
    pub fn new(service: S) -> Self {
        Self { service }
    }
}

#[async_trait]
impl<S> Transport for TowerTransport<S>
where
    S: Service<Request, Response = Response, Future: Send> + Clone + Send + Sync + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut service = self.service.clone();
        poll_fn(|context| service.poll_ready(context))
            .await
            .map_err(|error| transport_error(error, Dispatch::NotSent))?;
        service.call(request).await.map_err(|error| transport_error(error, Dispatch::MaybeSent))
    }
}

fn transport_error(error: impl Into<BoxError>, dispatch: Dispatch) -> TransportError {
    match error.into().downcast() {
        Ok(error) => *error,
        Err(error) => TransportError::new(TransportErrorKind::ConnectionLost, dispatch, error),
    }
}

impl<S> fmt::Debug for TowerTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TowerTransport")
    }
}

/// A tower service that sends with a transport, for tower's middleware. A clone shares the transport.
#[derive(Clone, Debug)]
pub struct TransportService(Arc<dyn Transport>);

impl TransportService {
    /// Creates a service over a transport.
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
}

impl Service<Request> for TransportService {
    type Response = Response;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let transport = Arc::clone(&self.0);
        Box::pin(async move { transport.send(request).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    /// A service that calls a function.
    #[derive(Clone)]
    struct Stub(fn(Request) -> Result<Response, BoxError>);

    impl Service<Request> for Stub {
        type Response = Response;
        type Error = BoxError;
        type Future = std::future::Ready<Result<Response, BoxError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            std::future::ready(self.0(request))
        }
    }

    #[tokio::test]
    async fn a_service_is_a_transport_and_a_transport_is_a_service() {
        let echo = Stub(|request| Ok(Response::new(request.uri().path().to_owned().into())));
        let mut service = TransportService::new(TowerTransport::new(echo));
        let request = Request::new(Body::empty());
        assert_eq!(service.call(request).await.unwrap().body().as_ref(), b"/");
    }

    #[tokio::test]
    async fn an_error_of_a_service_proves_nothing_unless_it_is_a_transport_error() {
        for (stub, kind, dispatch) in [
            (Stub(|_| Err("lost".into())), TransportErrorKind::ConnectionLost, Dispatch::MaybeSent),
            (
                Stub(|_| Err(TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, "refused").into())),
                TransportErrorKind::Connect,
                Dispatch::NotSent,
            ),
        ] {
            let error = TowerTransport::new(stub).send(Request::new(Body::empty())).await.unwrap_err();
            assert_eq!((error.kind(), error.dispatch()), (kind, dispatch));
        }
    }
}
