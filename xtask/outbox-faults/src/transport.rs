//! A transport that has traps around the submissions.

use async_trait::async_trait;
use cakemail::HyperTransport;
use cakemail::transport::http::Method;
use cakemail::transport::{Request, Response, Transport, TransportError};
use std::sync::Arc;

use crate::traps::{Point, Traps};
use crate::window::Windows;

/// Delegates to a transport.
#[derive(Debug)]
pub struct TrappedTransport {
    pub inner: HyperTransport,
    pub traps: Arc<Traps>,
    pub windows: Arc<Windows>,
}

#[async_trait]
impl Transport for TrappedTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let submits = request.method() == Method::POST && request.uri().path() == "/v2/emails";
        if submits {
            self.traps.pass(Point::Sending);
        }
        let result = self.windows.watch(self.inner.send(request)).await;
        if submits {
            self.traps.pass(Point::Sent);
        }
        result
    }

    fn holds_send_by(&self) -> bool {
        self.inner.holds_send_by()
    }
}
