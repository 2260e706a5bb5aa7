//! The commands that change the state. Each is plain data with a stable encoding: the same command, applied to the same
//! state at the same time, always has the same effect.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::lifecycle::EventKind;
use crate::domain::{ClockReading, DeliveryError, Profile, ReplayOptions, Rule, State, WebhookFaults};

/// A change of the state. In the journal a variant is an object with one field, named after it: renaming a variant or a
/// field changes the format (see `snapshot::VERSION`).
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    /// An operation of the API. The `api` layer applies it.
    Operation(ValidatedRequest),
    RecordEvent {
        email: Uuid,
        kind: EventKind,
        metadata: Map<String, Value>,
    },
    SetRead {
        email: Uuid,
        read: bool,
    },
    DeleteEmail {
        email: Uuid,
    },
    /// Whether the whole response that accepted an email was sent.
    RecordResponse {
        email: Uuid,
        complete: bool,
    },
    /// An attempt to deliver to a webhook, and the status of its response.
    RecordAttempt {
        account: i64,
        delivery: Uuid,
        result: Result<u16, DeliveryError>,
        millis: f64,
    },
    ReplayDelivery {
        delivery: Uuid,
        options: ReplayOptions,
    },
    ConfirmSender {
        confirmation: String,
    },
    EnsureSender {
        account: i64,
    },
    CreateTenant {
        email: Option<String>,
        password: Option<String>,
    },
    RemoveAccount {
        account: i64,
    },
    ResetAccount {
        account: i64,
    },
    /// Removes a suppression of any source, from an account or from all.
    RemoveSuppression {
        account: Option<i64>,
        pattern: String,
    },
    AddRule {
        rule: Rule,
    },
    RemoveRule {
        id: u64,
    },
    RemoveAllRules,
    SetProfile {
        profile: Profile,
    },
    SetDomainsValid {
        valid: bool,
    },
    SetWebhookFaults {
        webhook_faults: WebhookFaults,
    },
    /// A request to submit an email that had no effect.
    CountSubmission {
        account: Option<i64>,
    },
    /// The clock's setting, which the engine itself records.
    SetClock {
        clock: ClockReading,
    },
    /// The injected faults of requests, all of them, as the module `faults` writes them.
    SetFaults {
        faults: Value,
    },
    RevokeAccessToken {
        token: String,
    },
    RevokeRefreshTokens {
        account: i64,
    },
}

/// A request for an operation after it was routed, authenticated and validated.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct ValidatedRequest {
    /// The operation's id.
    pub(crate) operation: String,
    /// The caller's account, if the operation needs one.
    pub(crate) account: Option<i64>,
    pub(crate) path: Map<String, Value>,
    /// With the default of each parameter that was not given.
    pub(crate) query: Map<String, Value>,
    pub(crate) body: Map<String, Value>,
    /// The size of the body in bytes.
    pub(crate) size: usize,
    /// Whether the sandbox made it itself, to submit a sample: it does not count as a submission of a client.
    pub(crate) sample: bool,
}

impl ValidatedRequest {
    /// Whether a client submits an email.
    pub(crate) fn is_submission(&self) -> bool {
        self.operation == "submitEmail" && !self.sample
    }
}

impl Command {
    /// Applies any command but an operation of the API, which `Transaction::run` applies.
    pub(super) fn apply(self, state: &mut State) -> Result<(), &'static str> {
        match self {
            Self::Operation(_) => return Err("An operation of the API needs a handler"),
            Self::RecordEvent { email, kind, metadata } => return state.record_event(email, kind, metadata),
            Self::SetRead { email, read } => return state.set_read(email, read),
            Self::DeleteEmail { email } => return state.delete_email(email),
            Self::RecordResponse { email, complete } => state.record_response(email, complete),
            Self::RecordAttempt { account, delivery, result, millis } => {
                state.record_attempt(account, delivery, result, millis);
            }
            Self::ReplayDelivery { delivery, options } => state.replay_delivery(delivery, options),
            Self::ConfirmSender { confirmation } => return state.confirm_sender(&confirmation).map(drop),
            Self::EnsureSender { account } => state.ensure_sender(account),
            Self::CreateTenant { email, password } => return state.create_tenant(email, password),
            Self::RemoveAccount { account } => state.remove_account(account),
            Self::ResetAccount { account } => state.reset_account(account),
            Self::RemoveSuppression { account, pattern } => state.remove_suppression(account, &pattern),
            Self::AddRule { rule } => state.add_rule(rule),
            Self::RemoveRule { id } => state.remove_rule(id),
            Self::RemoveAllRules => state.remove_all_rules(),
            Self::SetProfile { profile } => state.profile = profile,
            Self::SetDomainsValid { valid } => state.set_domains_valid(valid),
            Self::SetWebhookFaults { webhook_faults } => state.webhook_faults = webhook_faults,
            Self::CountSubmission { account } => state.count_submission(account),
            Self::SetClock { clock } => state.clock = Some(clock),
            Self::SetFaults { faults } => state.faults = faults,
            Self::RevokeAccessToken { token } => state.tokens.revoke(&token),
            Self::RevokeRefreshTokens { account } => state.tokens.revoke_refresh_tokens(account),
        }
        Ok(())
    }

    /// Applies a command of the journal again. One that was rejected is rejected again.
    pub(super) fn replay(self, state: &mut State, run: &mut impl FnMut(&mut State, ValidatedRequest)) {
        match self {
            Self::Operation(request) => {
                if request.is_submission() {
                    state.count_submission(request.account);
                }
                run(state, request);
            }
            command => drop(command.apply(state)),
        }
        state.drop_excess();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Files are read again by later versions, so an encoding that changes needs a new version of the format.
    #[test]
    fn the_encoding_of_each_command_is_stable() {
        let id = "3fbfa67e-c4c4-4e03-8dfd-556037960374";
        let request = json!({
            "operation": "submitEmail", "account": 1, "path": {}, "query": {}, "body": {"email": "a@b.co"},
            "size": 18, "sample": false,
        });
        for encoded in [
            json!({"operation": request}),
            json!({"record_event": {"email": id, "kind": "hard_bounce", "metadata": {"bounce_type": "hard"}}}),
            json!({"set_read": {"email": id, "read": true}}),
            json!({"delete_email": {"email": id}}),
            json!({"record_response": {"email": id, "complete": false}}),
            json!({"record_attempt": {"account": 1, "delivery": id, "result": {"Ok": 204}, "millis": 0.5}}),
            json!({"record_attempt": {
                "account": 1, "delivery": id, "result": {"Err": {"no_response": "late"}}, "millis": 0.5,
            }}),
            json!({"replay_delivery": {
                "delivery": id, "options": {"tamper": true, "times": 2, "delay_ms": 10},
            }}),
            json!({"confirm_sender": {"confirmation": "c"}}),
            json!({"ensure_sender": {"account": 1}}),
            json!({"create_tenant": {"email": "t@example.com", "password": null}}),
            json!({"remove_account": {"account": 1}}),
            json!({"reset_account": {"account": 1}}),
            json!({"remove_suppression": {"account": 1, "pattern": "*@example.com"}}),
            json!({"add_rule": {"rule": {"id": 0, "tag": "x", "steps": [{"kind": "queued", "after_ms": 1}]}}}),
            json!({"remove_rule": {"id": 1}}),
            json!("remove_all_rules"),
            json!({"set_profile": {"profile": Profile::default()}}),
            json!({"set_domains_valid": {"valid": true}}),
            json!({"set_webhook_faults": {"webhook_faults": WebhookFaults::default()}}),
            json!({"count_submission": {"account": 1}}),
            json!({"set_clock": {"clock": {"time": 5, "real": 7, "pace": 0.5}}}),
            json!({"set_faults": {"faults": {"next": 1}}}),
            json!({"revoke_access_token": {"token": "t"}}),
            json!({"revoke_refresh_tokens": {"account": 1}}),
        ] {
            let command: Command = serde_json::from_value(encoded.clone()).unwrap();
            assert_eq!(serde_json::to_value(command).unwrap(), encoded);
        }
    }
}
