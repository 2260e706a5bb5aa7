//! An extractor for axum.

use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{Delivery, Occurrence, Receiver, Rejection};

/// Extracts a delivery that is verified and new. Other deliveries never reach the handler.
///
/// The application's state must be a [`Receiver`] or provide one through axum's `FromRef`. A duplicate gets the status
/// 200; a [`Rejection`] gets its own status and a short text.
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
///             receiver.forget(delivery.id); // otherwise the retry would count as a duplicate
///             StatusCode::INTERNAL_SERVER_ERROR
///         }
///     }
/// }
/// # fn process(_: &Event) -> Result<(), ()> { Ok(()) }
/// # let _: axum::Router<Receiver> = axum::Router::new().route("/", axum::routing::post(webhook));
/// ```
///
/// Respond quickly. After a timeout, the sender may post the event again, and the duplicate gets a 200 even if the first
/// delivery is not processed yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Received(pub Delivery);

/// The reason that a delivery does not reach the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceivedRejection {
    /// The delivery was received before. There is nothing to do.
    #[error("received before")]
    Duplicate,
    /// The delivery is not valid.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

impl IntoResponse for ReceivedRejection {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Duplicate => 200,
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
    type Rejection = ReceivedRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, ReceivedRejection> {
        let receiver = Receiver::from_ref(state);
        let (parts, body) = request.into_parts();
        let raw_body = match Limited::new(body, receiver.max_body()).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Rejection::TooLarge.into()),
            Err(_) => return Err(Rejection::IncompleteBody.into()),
        };
        let delivery = receiver.receive(&parts.headers, &raw_body)?;
        match delivery.occurrence {
            Occurrence::First => Ok(Self(delivery)),
            Occurrence::Duplicate => Err(ReceivedRejection::Duplicate),
        }
    }
}
