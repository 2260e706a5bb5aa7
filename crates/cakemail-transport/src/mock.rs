//! A transport that does as a test says.

use std::fmt;

use async_trait::async_trait;
use mockall::mock;

use crate::{Request, Response, Transport, TransportError};

mock! {
    /// A transport with expectations, by [`mockall`].
    ///
    /// ```
    /// use cakemail_transport::{Body, MockTransport, Response, Transport, http};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut transport = MockTransport::new();
    /// transport
    ///     .expect_send()
    ///     .withf(|request| request.uri().path() == "/v2/emails")
    ///     .times(1)
    ///     .returning(|_| Ok(Response::new(r#"{"submitted":true}"#.into())));
    ///
    /// let request = http::Request::post("https://api.cakemail.dev/v2/emails").body(Body::from("{}")).unwrap();
    /// assert_eq!(transport.send(request).await.unwrap().status(), 200);
    /// # });
    /// ```
    pub Transport {}

    #[async_trait]
    impl Transport for Transport {
        async fn send(&self, request: Request) -> Result<Response, TransportError>;
    }
}

impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockTransport")
    }
}
