//! An extractor for axum.

use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{Delivery, Receiver, Rejection};

/// Extracts a delivery that is verified and new. Other deliveries never reach the handler.
///
/// The application's state must be a [`Receiver`] or provide one through axum's `FromRef`.
///
/// ```
/// use cakemail_webhook::{Event, Received, Receiver, Rejection};
///
/// async fn webhook(Received(delivery): Received) -> Result<(), Rejection> {
///     process(&delivery.event).await.map_err(Rejection::failed)?; // an error drops the delivery, so it comes again
///     delivery.done().await
/// }
/// # async fn process(_: &Event) -> std::io::Result<()> { Ok(()) }
/// # let _: axum::Router<Receiver> = axum::Router::new().route("/", axum::routing::post(webhook));
/// ```
///
/// A handler may return any other error: what counts is that it calls [`Delivery::done`] before it responds with 200.
#[derive(Debug)]
pub struct Received(pub Delivery);

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = self.to_string().into_response();
        *response.status_mut() = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(delay) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(delay.as_secs()));
        }
        response
    }
}

impl<S: Send + Sync> FromRequest<S> for Received
where
    Receiver: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let receiver = Receiver::from_ref(state);
        let (parts, body) = request.into_parts();
        let raw_body = match Limited::new(body, receiver.max_body()).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Rejection::TooLarge),
            Err(_) => return Err(Rejection::IncompleteBody),
        };
        receiver.receive(&parts.headers, &raw_body).await.map(Self)
    }
}
