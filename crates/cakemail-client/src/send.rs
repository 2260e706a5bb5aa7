//! Sending an email: checked first, and submitted once.

use cakemail_model::emails::{NewEmail, Submission, SubmitEmail};
use cakemail_model::{AttachmentContent, EmailId, EmailStatus, Operation};
use cakemail_transport::{Body, Response};
use futures_util::FutureExt;
use futures_util::future::{Either, ready};
use serde::Deserialize;

use crate::{Client, Error, Result, attachments, pipeline};

/// An email that the server accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// Its id, to follow it by.
    pub id: EmailId,
    /// Where it stood: `queued`, or `rejected` when the recipient is suppressed.
    pub status: EmailStatus,
    /// How many times it was submitted: 0 when it had been accepted before.
    pub attempts: u32,
    /// How that is known.
    pub confirmed_by: ConfirmedBy,
}

/// How it is known that an email was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfirmedBy {
    /// The server answered so.
    Response,
    /// The answer was lost, and the logs have the email.
    Reconciliation,
    /// The logs had an email with this key before this call: nothing was submitted.
    PriorSend,
}

/// Checks an email and submits it, without a key.
pub(crate) fn send<'a>(client: &'a Client, email: &'a NewEmail) -> impl Future<Output = Result<Sent>> + Send + 'a {
    match check(email) {
        Ok(()) => Either::Left(submit(client, email)),
        Err(error) => Either::Right(ready(Err(error))),
    }
}

/// What is used of the answer to a submission.
#[derive(Deserialize)]
struct Accepted {
    data: Submission,
}

pub(crate) fn check(email: &NewEmail) -> Result<()> {
    email
        .validate()
        .map_err(|errors| Error::invalid(SubmitEmail::ID, "not sent: the email is invalid", errors.into_vec()))
}

pub(crate) fn submit<'a>(client: &'a Client, email: &'a NewEmail) -> impl Future<Output = Result<Sent>> + Send + 'a {
    client.execute_counted(&SubmitEmail { body: email }, written).map(accepted)
}

fn accepted(answered: Result<(Response, u32)>) -> Result<Sent> {
    let (answer, attempts) = answered?;
    let submitted =
        pipeline::decode::<SubmitEmail<'_>, Accepted>(&answer).map_err(|error| error.with_attempts(attempts))?;
    Ok(Sent { id: submitted.data.id, status: submitted.data.status, attempts, confirmed_by: ConfirmedBy::Response })
}

/// The body of a submission.
fn written(email: &NewEmail) -> Option<Body> {
    if attachments::are_read(email) {
        return attachments::body(email);
    }
    pipeline::write(SubmitEmail::BODY, email, size(email))
}

/// About how long an email is on its way, in bytes: what is long in it, a little more for what is escaped, and the rest.
fn size(email: &NewEmail) -> usize {
    let content = &email.content;
    let bodies = [&content.html, &content.text].into_iter().flatten().map(|body| body.len() + body.len() / 8);
    let attached = email.attachment.iter().flatten().map(|attachment| match &attachment.content {
        AttachmentContent::Base64(base64) => base64.len() + 128,
        AttachmentContent::Source(_) => 128,
    });
    512 + bodies.chain(attached).sum::<usize>()
}
