//! A request and its response, for inspection.

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::{Map, Value};

use crate::api::document::{Document, Operation};
use crate::api::request::{Request, RoutedRequest};
use crate::domain::Time;

/// The data that is collected about a request while it is handled.
pub(crate) struct Trace<'a> {
    pub(crate) time: Time,
    /// The account of its token or sign-in, if known.
    pub(crate) account: Option<i64>,
    /// Set when it is for an operation.
    pub(crate) routed: Option<RoutedRequest<'a>>,
    /// The description of the fault or limit that was applied.
    pub(crate) fault: Option<String>,
    /// Whether it was counted as a submission together with its effect.
    pub(crate) is_counted: bool,
    /// A message about parameters that the document does not have.
    pub(crate) unknown_parameters: Option<String>,
}

impl<'a> Trace<'a> {
    pub(crate) fn new(time: Time) -> Self {
        Self { time, account: None, routed: None, fault: None, is_counted: false, unknown_parameters: None }
    }

    pub(crate) fn operation(&self) -> Option<&'static Operation> {
        self.routed.as_ref().map(|routed: &RoutedRequest<'a>| routed.operation)
    }
}

/// A request with its trace and its response.
pub(crate) struct Exchange<'a> {
    /// The number of the request.
    pub(crate) id: u64,
    pub(crate) document: &'a Document,
    pub(crate) request: &'a Request<'a>,
    pub(crate) trace: &'a Trace<'a>,
    /// `None` when no whole response was sent.
    pub(crate) response: Option<&'a Response<Bytes>>,
    /// The path and the query without secrets.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
}

impl Exchange<'_> {
    /// The status of the response; 0 when no whole response was sent.
    pub(super) fn status(&self) -> u16 {
        self.response.map_or(0, |response| response.status().as_u16())
    }

    pub(super) fn response_headers(&self) -> Option<&HeaderMap> {
        self.response.map(Response::headers)
    }

    /// The JSON body of a successful response.
    pub(super) fn success(&self) -> Option<Value> {
        let response = self.response.filter(|response| response.status().is_success())?;
        serde_json::from_slice(response.body()).ok()
    }

    /// Whether the client knows that the request took effect.
    pub(super) fn is_done(&self) -> bool {
        let Some(response) = self.response.filter(|response| response.status().is_success()) else { return false };
        // Only a fault can make a response that is not JSON.
        self.trace.fault.is_none() || serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_ok()
    }

    /// Whether the client cannot know whether the request took effect.
    pub(super) fn is_ambiguous(&self) -> bool {
        match self.status() {
            0 | 408 | 500.. => true,
            200..300 => !self.is_done(),
            _ => false,
        }
    }

    /// The body of the request as it was sent; empty when it cannot be parsed.
    pub(super) fn body(&self) -> Map<String, Value> {
        let body = self.trace.routed.as_ref().map(RoutedRequest::body);
        body.and_then(Value::as_object).cloned().unwrap_or_default()
    }

    pub(super) fn method_and_path(&self) -> String {
        format!("{} {}", self.request.method, self.path)
    }
}
