//! Prepares a call: the path, query and body of its request, written once for all attempts.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use cakemail_model::{FieldError, Format, Idempotency, Operation};
use cakemail_transport::{Body, Request, SendBy};
use http::{HeaderValue, Method, Uri};

use super::options::CallOptions;
use super::rate_limit::Lane;
use super::shared::Pipeline;
use crate::credential_provider::CredentialProvider;
use crate::error::{Error, ErrorKind, Result};

/// What all calls of an operation that can be repeated alike have in common.
pub(super) struct Route {
    pub(super) operation: &'static str,
    /// The template of the path, such as `/v2/emails/{email_id}`: it contains no ids, so it may be logged.
    pub(super) path: &'static str,
    pub(super) idempotency: Idempotency,
    method: Method,
    body: Format,
    output: Format,
}

struct RouteOf<O>(PhantomData<O>);

impl<O: Operation> RouteOf<O> {
    const SAFE: &'static Route = &Self::route(Idempotency::Safe);
    const IDEMPOTENT: &'static Route = &Self::route(Idempotency::Idempotent);
    const NON_IDEMPOTENT: &'static Route = &Self::route(Idempotency::NonIdempotent);

    const fn route(idempotency: Idempotency) -> Route {
        Route {
            operation: O::ID,
            path: O::PATH,
            idempotency,
            method: method(O::METHOD),
            body: O::BODY,
            output: O::OUTPUT,
        }
    }

    fn of(operation: &O) -> &'static Route {
        match operation.idempotency() {
            Idempotency::Safe => Self::SAFE,
            Idempotency::Idempotent => Self::IDEMPOTENT,
            Idempotency::NonIdempotent => Self::NON_IDEMPOTENT,
        }
    }
}

/// A call that is ready to be executed. Every attempt sends the same request.
pub(super) struct Call<'a> {
    pub(super) pipeline: &'a Pipeline,
    /// `None` when the operation takes no access token.
    pub(super) credentials: Option<&'a Arc<dyn CredentialProvider>>,
    pub(super) options: &'a CallOptions,
    pub(super) route: &'static Route,
    url: Uri,
    /// Empty when the operation has none.
    body: Body,
}

/// Validates an operation and its path, and writes its request. `encode` writes the body.
pub(super) fn prepare<'a, O: Operation>(
    pipeline: &'a Pipeline,
    credentials: Option<&'a Arc<dyn CredentialProvider>>,
    options: &'a CallOptions,
    operation: &O,
    encode: fn(&O::Body) -> Option<Body>,
) -> Result<Call<'a>> {
    operation
        .validate()
        .map_err(|errors| Error::invalid(O::ID, "not sent: the request is invalid", errors.into_vec()))?;
    let target = path_and_query(options, operation)?;
    let url = pipeline.base_url.join(target).map_err(|_| not_encodable::<O>("the path or query"))?;
    let encode = |body| encode(body).ok_or_else(|| not_encodable::<O>("the body"));
    let body = operation.body().map(encode).transpose()?.unwrap_or_default();
    let credentials = credentials.filter(|_| O::AUTH);
    Ok(Call { pipeline, credentials, options, route: RouteOf::of(operation), url, body })
}

impl Call<'_> {
    /// The lane in which its requests wait for the rate limiter.
    pub(super) fn lane(&self) -> Lane {
        // A call without credentials obtains them, and other calls wait for it.
        let is_token_request = self.credentials.is_none();
        if is_token_request || self.route.idempotency == Idempotency::Safe { Lane::Reads } else { Lane::Writes }
    }

    /// When its requests may no longer be written. A read does no harm when it is late.
    pub(super) fn send_by(&self) -> Option<&SendBy> {
        self.options.send_by.as_ref().filter(|_| self.route.idempotency != Idempotency::Safe)
    }

    /// The request of one attempt.
    pub(super) fn request(&self, authorization: Option<&HeaderValue>) -> Request {
        let body = (!self.body.is_empty()).then(|| (self.route.body, self.body.len()));
        let headers = self.options.headers.for_request(body, self.route.output, authorization.cloned());
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.route.method.clone();
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = headers;
        if let Some(send_by) = self.send_by() {
            request.extensions_mut().insert(send_by.clone());
        }
        request
    }
}

/// The path and query below the base URL.
fn path_and_query<O: Operation>(options: &CallOptions, operation: &O) -> Result<Cow<'static, str>> {
    let mut target = operation.path();
    if matches!(target, Cow::Owned(_)) {
        validate_path::<O>(&target)?; // it has ids
    }
    let query = operation.query().map(serde_urlencoded::to_string).transpose();
    let query = query.map_err(|_| not_encodable::<O>("the query"))?.unwrap_or_default();
    let mut separator = '?';
    if !query.is_empty() {
        append(&mut target, separator, &query);
        separator = '&';
    }
    if let Some(account) = options.account.as_ref().filter(|_| O::ACCOUNT) {
        let pair =
            serde_urlencoded::to_string([("account_id", account)]).map_err(|_| not_encodable::<O>("the query"))?;
        append(&mut target, separator, &pair);
    }
    Ok(target)
}

/// Rejects ids that would address another resource: empty ones, and dots, which servers resolve even when encoded.
fn validate_path<O: Operation>(path: &str) -> Result<()> {
    if path.split('/').skip(1).any(|segment| matches!(segment, "" | "%2E" | "%2E%2E")) {
        let field = FieldError::new("path", "an id is empty or made of dots: it would address another resource");
        return Err(Error::invalid(O::ID, "not sent: the path is invalid", vec![field]));
    }
    Ok(())
}

fn append(target: &mut Cow<'static, str>, separator: char, pairs: &str) {
    let target = target.to_mut();
    target.push(separator);
    target.push_str(pairs);
}

fn not_encodable<O: Operation>(part: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("not sent: {part} cannot be encoded")).in_operation(O::ID)
}

const fn method(method: cakemail_model::Method) -> Method {
    match method {
        cakemail_model::Method::Get => Method::GET,
        cakemail_model::Method::Post => Method::POST,
        cakemail_model::Method::Put => Method::PUT,
        cakemail_model::Method::Patch => Method::PATCH,
        cakemail_model::Method::Delete => Method::DELETE,
    }
}
