//! What the server does with a request.

use std::pin::Pin;

use super::change_stream::ChangeStream;
use crate::api::response::ApiResponse;
use crate::faults::{Injected, Script};

pub(crate) enum Reply {
    Response(ApiResponse),
    /// Bytes that a fault writes to the connection instead of a response.
    Script(Script),
    /// A response that waits for something.
    Pending(PendingResponse),
    /// A response without an end.
    Stream(ChangeStream),
}

pub(crate) type PendingResponse = Pin<Box<dyn Future<Output = ApiResponse> + Send>>;

impl From<Injected> for Reply {
    fn from(injected: Injected) -> Self {
        match injected {
            Injected::Response(response) => Self::Response(response),
            Injected::Script(script) => Self::Script(script),
        }
    }
}
