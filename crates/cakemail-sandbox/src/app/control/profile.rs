//! `/_sandbox/profile` and `/_sandbox/domains`: how the sandbox behaves where it could do otherwise.

use serde_json::{Value, json};

use super::{Handler, Table};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;

pub(super) const OPERATIONS: Table = &[
    ("getProfile", Handler::Now(show)),
    ("setProfile", Handler::Now(patch)),
    ("getDomainChecks", Handler::Now(show_domains)),
    ("setDomainChecks", Handler::Now(set_domains)),
];

fn show(core: &Core, _: &Checked) -> Outcome {
    Ok(Answer::ok(json!(core.profile())))
}

fn patch(core: &Core, given: &Checked) -> Outcome {
    let mut state = core.state();
    let mut chosen = json!(state.profile);
    for (name, value) in given.body.iter().filter(|(_, value)| !value.is_null()) {
        chosen[name] = value.clone();
    }
    state.profile =
        serde_json::from_value(chosen).map_err(|error| Answer::bad_request(&["body"], error.to_string()))?;
    Ok(Answer::ok(json!(state.profile)))
}

fn show_domains(core: &Core, _: &Checked) -> Outcome {
    Ok(Answer::ok(domains(core.state().accounts.iter().all(|account| account.domains.valid))))
}

fn set_domains(core: &Core, given: &Checked) -> Outcome {
    let valid = given.body.flag("valid");
    core.state().accounts.iter_mut().for_each(|account| account.domains.valid = valid);
    Ok(Answer::ok(domains(valid)))
}

fn domains(valid: bool) -> Value {
    json!({"valid": valid})
}
