//! Sends one email: validates it, then submits it.

use cakemail_model::emails::{NewEmail, Submission, SubmitEmail};
use cakemail_model::{AttachmentContent, EmailId, EmailStatus, Operation};
use cakemail_transport::{Body, Response};
use futures_util::future::{Either, ready};
use serde::Deserialize;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::{attachments, pipeline};

/// An email that the server accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// Its id.
    pub id: EmailId,
    /// Its status: `queued`, or `rejected` when the recipient is suppressed.
    pub status: EmailStatus,
    /// The number of attempts to submit it: 0 when it had been accepted before.
    pub attempts: u32,
    /// How the client knows that the email was accepted.
    pub confirmed_by: ConfirmedBy,
}

/// How the client knows that an email was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfirmedBy {
    /// By the response to the submission.
    Response,
    /// By the logs: they have the email, after the response to the submission was lost.
    Reconciliation,
    /// By the logs: they had an email with this key before the call, which submitted nothing.
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
    let Submission { id, status, .. } = pipeline::decode::<SubmitEmail<'_>, SubmitResponse>(&response)?.data;
    Ok(Sent { id, status, attempts, confirmed_by: ConfirmedBy::Response })
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
