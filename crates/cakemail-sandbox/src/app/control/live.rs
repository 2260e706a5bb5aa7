//! `/_sandbox/live`: a stream of change notifications.

use http::HeaderValue;

use super::{Handler, Table};
use crate::api::response::ApiResponse;
use crate::app::change_stream::ChangeStream;
use crate::app::context::App;
use crate::app::reply::{StreamedResponse, streamed};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("streamChanges", Handler::Streamed(stream))];

fn stream(app: &App, _: &ValidatedRequest) -> Result<StreamedResponse, ApiResponse> {
    let changes = ChangeStream::new(&app.engine, app.closing.begun());
    let mut response = streamed("text/event-stream", changes);
    // nginx would hold events back until its buffer is full.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
