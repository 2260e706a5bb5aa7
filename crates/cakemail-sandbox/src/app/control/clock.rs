//! `/_sandbox/clock`: the time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Handler, Table};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::Checked;
use crate::app::context::{Core, Later};
use crate::webhooks::dispatcher;

pub(super) const OPERATIONS: Table = &[("getClock", Handler::Now(show)), ("setClock", Handler::Later(wind))];

fn show(core: &Core, _: &Checked) -> Outcome {
    Ok(Answer::ok(shown(core)))
}

fn wind(core: Arc<Core>, given: Checked) -> Later {
    Box::pin(async move {
        if let Some(pace) = given.body.field("pace").and_then(Value::as_f64) {
            core.clock.set_pace(pace);
        }
        if let Some(by) = given.body.integer("advance_ms").and_then(|by| u64::try_from(by).ok()) {
            dispatcher::advance(&core, Duration::from_millis(by)).await;
        }
        Answer::ok(shown(&core))
    })
}

fn shown(core: &Core) -> Value {
    let state = core.state();
    compact(json!({
        "time": state.now.iso_millis(),
        "pace": core.clock.pace(),
        "next": state.next_due().map(crate::domain::Time::iso_millis),
    }))
}
