//! What clients do until the sandbox is killed.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Result;
use crate::client::Client;
use crate::model::{Model, text};
use crate::sandbox::{DataFile, Sandbox};

/// The emails that a client submits in a round at most, so that the sandbox does not have to drop any in the end.
const MAX_EMAILS: u64 = 25;

/// Applies load, and kills the sandbox meanwhile.
pub fn run(sandbox: &Sandbox, model: &mut Model, random: &mut fastrand::Rng) -> Result {
    let pause = Duration::from_millis(random.u64(1..250));
    apply(sandbox, model, random, false, || {
        thread::sleep(pause);
        sandbox.kill()
    })
}

/// Applies load with large commands, and kills the sandbox while it compacts its file.
pub fn compact(sandbox: &Sandbox, file: &DataFile, model: &mut Model, random: &mut fastrand::Rng) -> Result {
    let pause = Duration::from_micros(random.u64(..20_000));
    apply(sandbox, model, random, true, || {
        let begin = Instant::now();
        while !file.is_being_replaced() && begin.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_micros(200));
        }
        thread::sleep(pause);
        sandbox.kill()
    })
}

/// Applies load, and asks the sandbox to stop meanwhile.
pub fn run_and_stop(sandbox: Sandbox, model: &mut Model, random: &mut fastrand::Rng) -> Result {
    apply(&sandbox, model, random, false, || {
        thread::sleep(Duration::from_millis(100));
        sandbox.stop()
    })
}

/// Runs clients until `end` has ended the sandbox.
fn apply(
    sandbox: &Sandbox,
    model: &mut Model,
    random: &mut fastrand::Rng,
    large: bool,
    end: impl FnOnce() -> Result,
) -> Result {
    let client = &sandbox.client;
    let shared = Mutex::new(model);
    thread::scope(|scope| {
        let mut clients: Vec<thread::ScopedJoinHandle<'_, Result>> = Vec::new();
        for _ in 0..2 {
            clients.push(scope.spawn(|| submit(client, &shared)));
        }
        let (clock, faults) = (random.fork(), random.fork());
        clients.push(scope.spawn(|| move_clock(client, &shared, clock)));
        clients.push(scope.spawn(|| change_faults(client, &shared, faults)));
        clients.push(scope.spawn(|| count(client, &shared)));
        if large {
            clients.push(scope.spawn(|| submit_large(client)));
        }
        end()?;
        clients.into_iter().try_for_each(|client| client.join().unwrap_or_else(|_| Err("a client panicked".into())))
    })
}

fn with<R>(model: &Mutex<&mut Model>, change: impl FnOnce(&mut Model) -> R) -> R {
    change(&mut model.lock().unwrap_or_else(PoisonError::into_inner))
}

fn submit(client: &Client, model: &Mutex<&mut Model>) -> Result {
    for _ in 0..MAX_EMAILS {
        let (tag, email) = with(model, |model| {
            let email = next_email(model);
            model.submitted.insert(email.0.clone(), None);
            email
        });
        let Ok(response) = client.post("/v2/emails", &email) else { return Ok(()) };
        // It may be stopping, and the clock may have moved past the end of the token.
        if [401, 503].contains(&response.status) {
            return Ok(());
        }
        let id = text(&response.expect(201)?["data"]["id"])?;
        with(model, |model| model.submitted.insert(tag, Some(id)));
    }
    Ok(())
}

/// An email with a tag of its own.
pub fn next_email(model: &mut Model) -> (String, Value) {
    model.next += 1;
    let tag = format!("key-{}", model.next);
    let email = json!({
        "email": format!("opened+{tag}@example.com"),
        "list_id": model.list,
        "sender": {"id": model.sender},
        "tags": [tag],
        "content": {"subject": "Hi", "text": "Hello", "type": "transactional"},
    });
    (tag, email)
}

/// Submits large emails to a list that does not exist: they are commands, and not stored.
fn submit_large(client: &Client) -> Result {
    let email = json!({
        "email": "large@example.com",
        "list_id": 999_999_999,
        "sender": {"id": "1"},
        "content": {"subject": "Hi", "text": "Hello ".repeat(300_000), "type": "transactional"},
    });
    while let Ok(response) = client.post("/v2/emails", &email) {
        // The clock may have moved past the end of the token.
        if ![400, 401, 503].contains(&response.status) {
            return Err(format!("an email to an unknown list got {}: {}", response.status, response.text).into());
        }
    }
    Ok(())
}

fn move_clock(client: &Client, model: &Mutex<&mut Model>, mut random: fastrand::Rng) -> Result {
    loop {
        let change = match random.u8(..5) {
            0 => {
                let paces = [0.0, 1.0, 100.0];
                json!({"pace": paces[random.usize(..paces.len())]})
            }
            1 => json!({"advance_ms": random.u64(..3_600_000)}),
            _ => json!({"advance_ms": random.u64(..2_000)}),
        };
        let Ok(response) = client.post("/_sandbox/clock", &change) else { return Ok(()) };
        if response.status == 503 {
            return Ok(());
        }
        let time = text(&response.expect(200)?["time"])?;
        with(model, |model| model.time = time.max(std::mem::take(&mut model.time)));
    }
}

/// Sets faults that strike nothing, and removes them.
fn change_faults(client: &Client, model: &Mutex<&mut Model>, mut random: fastrand::Rng) -> Result {
    loop {
        let oldest = with(model, |model| model.world.faults.first().copied()).filter(|_| random.bool());
        let response = match oldest {
            Some(id) => {
                with(model, |model| model.removed = Some(id));
                client.send("DELETE", &format!("/_sandbox/faults?id={id}"), "application/json", "")
            }
            None => {
                with(model, |model| model.added = true);
                client.post("/_sandbox/faults", &json!({"on": {"path": "/nothing"}, "effect": "reset"}))
            }
        };
        let Ok(response) = response else { return Ok(()) };
        let confirmed = response.expect(if oldest.is_some() { 200 } else { 201 })?;
        with(model, |model| match oldest {
            Some(id) => {
                model.world.faults.remove(&id);
                model.removed = None;
            }
            None => {
                model.world.faults.extend(confirmed["id"].as_u64());
                model.added = false;
            }
        });
    }
}

/// Sends requests that a fault counts.
fn count(client: &Client, model: &Mutex<&mut Model>) -> Result {
    loop {
        with(model, |model| model.maybe_seen += 1);
        let Ok(_) = client.get("/users/self") else { return Ok(()) };
        with(model, |model| {
            model.world.seen += 1;
            model.maybe_seen -= 1;
        });
    }
}

/// Imports a state that was exported before, and kills the sandbox meanwhile.
pub fn import(sandbox: &Sandbox, model: &mut Model, random: &mut fastrand::Rng) -> Result {
    let client = &sandbox.client;
    let export = client.get("/_sandbox/export")?;
    model.exported = Some((export.text, model.world.clone()));
    for _ in 0..3 {
        let (tag, email) = next_email(model);
        let id = text(&client.post("/v2/emails", &email)?.expect(201)?["data"]["id"])?;
        model.confirmed += 1;
        model.world.emails.insert(tag, id);
    }
    model.maybe_imported = true;
    let Some((state, _)) = &model.exported else { return Ok(()) };
    let pause = random.u64(..400);
    let imported = thread::scope(|scope| {
        let importing = scope.spawn(|| client.send("POST", "/_sandbox/import", "application/x-ndjson", state));
        thread::sleep(Duration::from_millis(pause));
        sandbox.kill()?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(importing.join())
    })?;
    if let Ok(Ok(response)) = imported {
        response.expect(200)?;
        model.maybe_imported = false;
        if let Some((_, exported)) = &model.exported {
            model.world = exported.clone();
        }
    }
    Ok(())
}
