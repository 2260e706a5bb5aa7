//! An extractor for axum.

use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{Delivery, Receiver, Rejection, Seen};

/// Extracts a delivery that is genuine and new; any other is answered without the handler.
///
/// The application's state has to give a [`Receiver`], by itself or by axum's `FromRef`. A repetition is answered 200, a
/// [`Rejection`] by its status and a short text.
///
/// ```
/// use axum::extract::State;
/// use axum::http::StatusCode;
/// use cakemail_webhook::{Event, Received, Receiver};
///
/// async fn webhook(State(receiver): State<Receiver>, Received(delivery): Received) -> StatusCode {
///     match process(&delivery.event) {
///         Ok(()) => StatusCode::OK,
///         Err(()) => {
///             receiver.forget(delivery.id); // or the retry would be taken for a repetition
///             StatusCode::INTERNAL_SERVER_ERROR
///         }
///     }
/// }
/// # fn process(_: &Event) -> Result<(), ()> { Ok(()) }
/// # let _: axum::Router<Receiver> = axum::Router::new().route("/", axum::routing::post(webhook));
/// ```
///
/// Answer soon: a sender that gives up waiting may post the event again, and hear from that repetition that all is well.
#[derive(Debug, Clone, PartialEq)]
pub struct Received(pub Delivery);

/// Why a handler does not get a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReceived {
    /// It has come before: all is well, and there is nothing to do.
    #[error("received before")]
    Before,
    /// It is not taken.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

impl IntoResponse for NotReceived {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Before => 200,
            Self::Rejected(rejection) => rejection.status(),
        };
        let mut response = self.to_string().into_response();
        if let Ok(status) = status.try_into() {
            *response.status_mut() = status;
        }
        response
    }
}

impl<S: Send + Sync> FromRequest<S> for Received
where
    Receiver: FromRef<S>,
{
    type Rejection = NotReceived;

    async fn from_request(request: Request, state: &S) -> Result<Self, NotReceived> {
        let receiver = Receiver::from_ref(state);
        let (parts, body) = request.into_parts();
        let raw_body = match Limited::new(body, receiver.largest_body()).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Rejection::TooLarge.into()),
            Err(_) => return Err(Rejection::Interrupted.into()),
        };
        let delivery = receiver.receive(&parts.headers, &raw_body)?;
        match delivery.seen {
            Seen::First => Ok(Self(delivery)),
            Seen::Before => Err(NotReceived::Before),
        }
    }
}
