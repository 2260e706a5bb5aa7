//! `/_sandbox/live`: a stream of change notifications.

use super::{Handler, Table};
use crate::api::response::ApiResponse;
use crate::app::change_stream::ChangeStream;
use crate::app::context::App;
use crate::app::reply::{StreamedResponse, streamed};
use crate::engine::ValidatedRequest;

pub(super) const OPERATIONS: Table = &[("streamChanges", Handler::Streamed(stream))];

fn stream(app: &App, _: &ValidatedRequest) -> Result<StreamedResponse, ApiResponse> {
    Ok(streamed("text/event-stream", ChangeStream::new(app.engine.subscribe(), app.closing.begun())))
}
