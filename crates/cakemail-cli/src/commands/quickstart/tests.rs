//! The quickstart fails when the API does not do what the guide says.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use cakemail::sandbox::{Builder, Clock, Profile, Sandbox, Verdict};
use serde_json::Value;

use super::run_all;
use super::runner::Runner;
use crate::error::CliError;
use crate::output::Output;

#[derive(Clone, Default)]
struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

impl Write for SharedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs the quickstart against a sandbox; returns its result and its output.
fn run_quickstart(json: bool, set_up: impl FnOnce(Builder) -> Builder) -> (Result<(), CliError>, String) {
    let buffer = SharedBuffer::default();
    let mut out = Output::to(json, buffer.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let result = runtime.block_on(async {
        let builder = Sandbox::builder().clock(Clock::frozen(SystemTime::now()));
        let sandbox = set_up(builder).start().await.unwrap();
        run_all(&mut Runner::start(&sandbox, &mut out).unwrap()).await
    });
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    (result, text)
}

/// The same with `--json`; returns the last step and the summary.
fn run_json(set_up: impl FnOnce(Builder) -> Builder) -> (Result<(), CliError>, [Value; 2]) {
    let (result, text) = run_quickstart(true, set_up);
    let mut lines = text.lines().rev().map(|line| serde_json::from_str(line).unwrap());
    let (summary, step) = (lines.next().unwrap(), lines.next().unwrap());
    (result, [step, summary])
}

fn profile(change: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = Profile::default();
    change(&mut profile);
    profile
}

#[test]
fn a_sandbox_that_follows_the_guide_passes() {
    let (result, [step, summary]) = run_json(|builder| builder);
    result.unwrap();
    assert_eq!((&step["ok"], &summary["ok"], &summary["failed"]), (&true.into(), &true.into(), &Value::Null));
    assert_eq!(summary["steps"], step["step"]);
}

#[test]
fn an_unexpected_response_fails_its_step() {
    let accepting = profile(|profile| profile.unconfirmed_sender = Verdict::Rejected);
    let (result, [step, summary]) = run_json(|builder| builder.profile(accepting));
    let Err(CliError::Other(message)) = result else { panic!("{result:?}") };
    assert_eq!(step["title"], "Send from a sender that is not confirmed");
    assert_eq!((&step["ok"], &step["failure"]), (&false.into(), &"expected: BadRequest, not Undeliverable".into()));
    assert_eq!((&summary["ok"], &summary["failed"]["step"]), (&false.into(), &step["step"]));
    assert!(message.contains("Send from a sender that is not confirmed"), "{message}");
}

#[test]
fn an_unexpected_status_fails_its_step() {
    // The clock is so fast that the email is clicked before the step reads its status.
    let (result, [step, _]) = run_json(|builder| builder.clock(Clock::scaled(1e6)));
    assert!(result.is_err());
    assert_eq!(step["title"], "Wait until the email is delivered");
    assert!(step["failure"].as_str().unwrap().contains("the status is now delivered, not clicked"), "{step}");
}

/// Replaces what differs from run to run: the sandbox's URL, UUIDs and the confirmation ID.
fn normalized(text: &str) -> String {
    let is_uuid = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let word = |word: &str| match word.split_once("/_sandbox/confirm?id=") {
        Some(_) => "CONFIRMATION_LINK".to_owned(),
        None if word.starts_with("http://127.0.0.1:") => "SANDBOX_URL".to_owned(),
        None => word.split('/').map(|part| if is_uuid(part) { "UUID" } else { part }).collect::<Vec<_>>().join("/"),
    };
    text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// The section on troubleshooting shows messages of the client and the sandbox, whose tests check their text.
#[test]
fn the_text_of_the_steps_before_troubleshooting() {
    let (result, text) = run_quickstart(false, |builder| builder);
    result.unwrap();
    let steps = text.split("Troubleshooting").next().unwrap();
    insta::assert_snapshot!("quickstart", normalized(steps));
}

#[test]
fn the_text_shows_the_failed_step_and_the_reason() {
    let (result, text) = run_quickstart(false, |builder| builder.clock(Clock::scaled(1e6)));
    assert!(result.is_err());
    let end = text.split("Wait until the email is delivered").nth(1).unwrap();
    assert!(end.contains("✗ expected: the status is now delivered, not clicked"), "{end}");
    assert!(end.contains("Step 7 failed.") && !end.contains('✓'), "{end}");
}

#[test]
fn an_error_of_the_first_call_fails_the_first_step() {
    let (result, [step, summary]) = run_json(|builder| builder.mfa_code("123456"));
    assert!(result.is_err());
    assert_eq!((step["step"].as_u64(), summary["failed"]["step"].as_u64()), (Some(1), Some(1)));
}
