//! Sends one email: validates it, then submits it.

use std::borrow::Cow;

use cakemail_model::emails::{NewEmail, Submission, SubmitEmail};
use cakemail_model::{
    AttachmentContent, Detail, DetailKind, EmailId, EmailStatus, FieldError, JsonObject, Operation, de,
};
use cakemail_transport::{Body, Response};
use futures_util::future::{Either, ready};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Outcome, Result, request_id};
use crate::{attachments, pipeline};

/// An email that the server accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sent {
    /// Its id.
    pub id: EmailId,
    /// Its status, such as `queued`. It is never `rejected` or `error`: that is an error.
    pub status: EmailStatus,
    /// The number of attempts to submit it: 0 when it had been accepted before.
    pub attempts: u32,
    /// How the client knows that the email was accepted.
    pub confirmed_by: ConfirmedBy,
    /// The server's id of the request (`X-Request-Id`), if it gave one. Cakemail's support asks for it. `None` unless the
    /// response to the submission arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// How the client knows that an email was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConfirmedBy {
    /// By the response to the submission.
    Response,
    /// By the logs: they have the email, after the response to the submission was lost.
    Reconciliation,
    /// By an earlier submission with the key, in the logs or by this client: the call submitted nothing.
    PriorSend,
}

/// Validates an email and submits it, without a key.
pub(crate) fn send<'a>(client: &'a Client, email: &'a NewEmail) -> impl Future<Output = Result<Sent>> + Send + 'a {
    match validate(email) {
        Ok(()) => Either::Left(submit(client, email)),
        Err(error) => Either::Right(ready(Err(error))),
    }
}

/// The part of the response to a submission that is used.
#[derive(Deserialize)]
struct SubmitResponse {
    #[serde(default)]
    submitted: Value,
    data: Submission,
}

pub(crate) fn validate(email: &NewEmail) -> Result<()> {
    email
        .validate()
        .map_err(|errors| Error::invalid(SubmitEmail::ID, "not sent: the email is invalid", errors.into_vec()))
}

/// Submits an email that is valid.
pub(crate) fn submit<'a>(client: &'a Client, email: &'a NewEmail) -> impl Future<Output = Result<Sent>> + Send + 'a {
    client.execute_with(&SubmitEmail { body: email }, encode, decode)
}

fn decode(response: Response, attempts: u32) -> Result<Sent> {
    let decoded = pipeline::decode::<SubmitEmail<'_>, SubmitResponse>(&response);
    let refused = match decoded {
        Ok(SubmitResponse { submitted, data: Submission { id, status, .. } }) => {
            if !is_false(&submitted) && !is_refusal(&status) {
                let request_id = request_id(&response).map(str::to_owned);
                return Ok(Sent { id, status, attempts, confirmed_by: ConfirmedBy::Response, request_id });
            }
            refused(id, status)
        }
        Err(error) => match submitted(&response) {
            Some(value) if is_false(&value) => not_submitted(),
            // Only the API says so: the email is accepted, although its id cannot be read.
            Some(Value::Bool(true)) => return Err(error.with_outcome(Outcome::Done)),
            _ => return Err(error),
        },
    };
    let refused = refused.with_response(&response).with_detail(reasons(response.body()));
    Err(refused.in_operation(SubmitEmail::ID))
}

/// The server's reasons in a response that is a success by its status.
fn reasons(body: &[u8]) -> Detail {
    let mut detail = Detail::parse(body);
    detail.errors.retain(|_| matches!(detail.kind, DetailKind::List | DetailKind::Text));
    let body = serde_json::from_slice::<Value>(de::without_bom(body)).unwrap_or_default();
    let texts =
        [&body, &body["data"]].into_iter().flat_map(|part| ["reason", "message", "error"].map(|name| &part[name]));
    detail.errors.extend(texts.filter_map(Value::as_str).map(|text| FieldError::new("", text)));
    detail
}

/// Whether an email with this status was recorded and not sent.
pub(crate) fn is_refusal(status: &EmailStatus) -> bool {
    matches!(status, EmailStatus::Rejected | EmailStatus::Error)
}

/// The error of an email that the server recorded and did not send.
pub(crate) fn refused(id: EmailId, status: EmailStatus) -> Error {
    let message = match is_refusal(&status) {
        true => format!("the server refused the email: its status is {status}").into(),
        false => Cow::Borrowed(NOT_SUBMITTED),
    };
    Error::refused(message, id, status).in_operation(SubmitEmail::ID)
}

const NOT_SUBMITTED: &str = "the server refused the email: it says that the email was not submitted";

fn not_submitted() -> Error {
    Error::new(ErrorKind::Undeliverable, NOT_SUBMITTED)
}

/// What a response without a readable id says about whether the email was submitted.
fn submitted(response: &Response) -> Option<Value> {
    serde_json::from_slice::<JsonObject>(de::without_bom(response.body())).ok()?.remove("submitted")
}

/// `false`, in the forms in which servers write it.
fn is_false(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => matches!(&**text, "false" | "0"),
        _ => false,
    }
}

fn encode(email: &NewEmail) -> Option<Body> {
    if attachments::are_streamed(email) {
        return attachments::streamed_body(email);
    }
    pipeline::encode(SubmitEmail::BODY, email, estimated_size(email))
}

/// The approximate size of an email as JSON, in bytes: its long parts, an eighth more for escapes, and some for the rest.
fn estimated_size(email: &NewEmail) -> usize {
    let content = &email.content;
    let bodies = [&content.html, &content.text].into_iter().flatten().map(|body| body.len() + body.len() / 8);
    let attachments = email.attachment.iter().flatten().map(|attachment| match &attachment.content {
        AttachmentContent::Base64(base64) => base64.len() + 128,
        AttachmentContent::Source(_) => 128,
    });
    512 + bodies.chain(attachments).sum::<usize>()
}
