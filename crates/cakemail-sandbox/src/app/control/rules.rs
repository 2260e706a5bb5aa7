//! `/_sandbox/rules`: what becomes of emails.

use serde_json::{Value, json};
use std::sync::Arc;

use super::{Handler, Table};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::domain::{Rule, Rules};

pub(super) const OPERATIONS: Table =
    &[("listRules", Handler::Now(list)), ("addRule", Handler::Now(add)), ("clearRules", Handler::Now(clear))];

fn list(core: &Core, _: &Checked) -> Outcome {
    Ok(Answer::ok(shown(&core.state().rules)))
}

fn add(core: &Core, given: &Checked) -> Outcome {
    let rule: Rule = serde_json::from_value(Value::Object(given.body.clone()))
        .map_err(|error| Answer::bad_request(&["body"], error.to_string()))?;
    Ok(Answer::created(json!(Arc::make_mut(&mut core.state().rules).add(rule))))
}

fn clear(core: &Core, given: &Checked) -> Outcome {
    let mut state = core.state();
    let rules = Arc::make_mut(&mut state.rules);
    match given.query.integer("id").map(|id| u64::try_from(id).unwrap_or_default()) {
        None => rules.clear(),
        Some(id) if !rules.remove(id) => {
            return Err(Answer::bad_request(
                &["query", "id"],
                format!("There is no rule {id}: GET /_sandbox/rules lists them"),
            ));
        }
        Some(_) => {}
    }
    Ok(Answer::ok(shown(rules)))
}

fn shown(rules: &Rules) -> Value {
    json!({"data": rules.all(), "total": rules.all().len()})
}
