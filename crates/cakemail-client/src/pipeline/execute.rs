//! Executes a call: its deadline, its attempts, and the retries between them.

use std::sync::Arc;
use std::time::Duration;

use cakemail_model::Operation;
use cakemail_transport::{Body, Response};

use super::attempt::Attempt;
use super::decode::decode;
use super::encode::encode_small;
use super::options::CallOptions;
use super::prepare::prepare;
use super::progress::CallProgress;
use super::retry::RetryDecision;
use super::shared::Pipeline;
use crate::credential_provider::CredentialProvider;
use crate::error::{Error, ErrorKind, Result};

/// Executes an operation and decodes its response.
///
/// Without `credentials` no token is sent: requests for tokens are made like this.
pub(crate) async fn execute<O: Operation>(
    pipeline: &Pipeline,
    credentials: Option<&Arc<dyn CredentialProvider>>,
    options: &CallOptions,
    operation: &O,
) -> Result<O::Output> {
    let decode = |response: Response, _| decode::<O, O::Output>(&response);
    execute_with(pipeline, credentials, options, operation, encode_small::<O>, decode).await
}

/// Executes an operation with an encoding of its body and a decoding of its response. `decode` is passed the number of
/// attempts.
pub(crate) fn execute_with<'a, O, T, D>(
    pipeline: &'a Pipeline,
    credentials: Option<&'a Arc<dyn CredentialProvider>>,
    options: &'a CallOptions,
    operation: &O,
    encode: fn(&O::Body) -> Option<Body>,
    decode: D,
) -> impl Future<Output = Result<T>> + Send + use<'a, O, T, D>
where
    O: Operation,
    D: FnOnce(Response, u32) -> Result<T> + Send,
{
    // Prepared before the future exists, so that the future does not hold the operation.
    let call = prepare(pipeline, credentials, options, operation, encode);
    async move {
        let mut progress = CallProgress::start(call.as_ref().map_err(Error::clone)?);
        let result = run_attempts(&mut progress).await;
        let (call, attempts) = (progress.call, progress.attempts);
        let result = result.and_then(|(attempt, response)| attempt.decode(call, attempts, response, decode));
        progress.finish(result.as_ref().err());
        result
    }
}

/// Makes attempts until one succeeds or the retry policy stops.
async fn run_attempts(progress: &mut CallProgress<'_>) -> Result<(Attempt, Response)> {
    loop {
        // An attempt that is not admitted sends nothing; what earlier ones may have done still counts.
        let attempt = Attempt::admit(progress.call, progress.begin_by(), progress.attempts).await;
        let mut attempt = attempt.map_err(|error| error.with_outcome(progress.outcome))?;
        progress.attempt_started();
        let sent = attempt.send(progress.call, progress.attempts, progress.deadline()).await;
        let error = match attempt.conclude(progress.call, progress.attempts, sent) {
            Ok(response) => {
                progress.call.pipeline.retry_budget.deposit();
                return Ok((attempt, response));
            }
            Err(error) => progress.attempt_failed(error),
        };
        if !progress.token_renewed
            && error.kind() == ErrorKind::Authentication
            && attempt.invalidate_token(progress.call)
        {
            progress.token_renewed = true;
            progress.retry_scheduled(&error, Duration::ZERO);
            continue;
        }
        match progress.decide(&error) {
            RetryDecision::RetryAfter(delay) => {
                progress.retry_scheduled(&error, delay);
                // Boxed, because it is rarely awaited: the call's future stays small.
                Box::pin(tokio::time::sleep(delay)).await;
            }
            RetryDecision::Stop => return Err(error),
        }
    }
}
