//! A disk that is full: changes are refused, reads go on, and nothing that was confirmed is lost.

use std::fs;

use serde_json::json;

use crate::Result;
use crate::load::next_email;
use crate::model::{Model, text};
use crate::sandbox::{DataFile, Sandbox};

/// The room that the disk has, in KiB.
const ROOM: u64 = 64;

/// Returns how many changes were refused.
pub fn check(file: &DataFile, model: &mut Model, random: &mut fastrand::Rng) -> Result<u64> {
    // The time of a clock that runs fast cannot be kept on a full disk.
    let sandbox = Sandbox::start(file)?;
    sandbox.client.post("/_sandbox/clock", &json!({"pace": 0.0}))?.expect(200)?;
    sandbox.stop()?;
    let size = fs::metadata(&file.path)?.len().div_ceil(1024) + ROOM;
    let mut refused = 0;
    for killed in [true, false] {
        let sandbox = Sandbox::start_limited(file, size)?;
        model.check(&sandbox)?;
        refused += fill(&sandbox, model, random)?;
        // Reads go on.
        model.check(&sandbox)?;
        let health = sandbox.client.get("/_sandbox/health")?.expect(200)?;
        if health["data"]["read_only"] != true {
            return Err(format!("the health does not say that nothing can be written: {health}").into());
        }
        if killed {
            sandbox.kill()?
        } else {
            sandbox.stop()?
        }
        sandbox.wait()?;
    }
    let sandbox = Sandbox::start(file)?;
    model.check(&sandbox)?;
    let (tag, email) = next_email(model);
    let accepted = sandbox.client.post("/v2/emails", &email)?.expect(201)?;
    model.submitted.insert(tag, Some(text(&accepted["data"]["id"])?));
    model.check(&sandbox)?;
    Ok(refused)
}

/// Submits emails until several are refused.
fn fill(sandbox: &Sandbox, model: &mut Model, random: &mut fastrand::Rng) -> Result<u64> {
    let mut refused = 0;
    while refused < 20 {
        let (tag, email) = next_email(model);
        let response = sandbox.client.post("/v2/emails", &email)?;
        if response.status == 507 {
            let error = response.expect(507)?;
            if error["detail"][0]["type"] != "insufficient_storage" {
                return Err(format!("not an error of the API: {error}").into());
            }
            refused += 1;
            // It must not be there.
            model.submitted.insert(tag.clone(), None);
            model.check(sandbox)?;
            if model.world.emails.contains_key(&tag) {
                return Err(format!("{tag} was refused, and is there").into());
            }
        } else {
            model.submitted.insert(tag, Some(text(&response.expect(201)?["data"]["id"])?));
        }
        if random.u8(..8) == 0 {
            // The clock cannot be moved in secret either.
            let _ = sandbox.client.post("/_sandbox/clock", &json!({"advance_ms": 1}))?;
        }
    }
    Ok(refused)
}
