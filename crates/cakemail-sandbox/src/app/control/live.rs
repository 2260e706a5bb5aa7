//! `/_sandbox/live`: a stream of change notifications.

use super::{Handler, Table};
use crate::app::change_stream::ChangeStream;

pub(super) const OPERATIONS: Table =
    &[("streamChanges", Handler::Stream(|app| ChangeStream::new(app.engine.subscribe())))];
