//! The runner notices when the API does not do what the guide says.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use cakemail::sandbox::{Builder, Clock, Profile, Sandbox, Verdict};
use serde_json::Value;

use super::runner::Runner;
use super::walk;
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

/// Takes the runner through such a sandbox: how it ended, and what it printed.
fn printed(json: bool, set_up: impl FnOnce(Builder) -> Builder) -> (Result<(), CliError>, String) {
    let buffer = SharedBuffer::default();
    let mut out = Output::to(json, buffer.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let builder = Sandbox::builder().clock(Clock::frozen(SystemTime::now()));
        let sandbox = set_up(builder).start().await.unwrap();
        walk(&mut Runner::begin(&sandbox, &mut out).unwrap()).await
    });
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    (ended, text)
}

/// How it ended, and the last step and the summary for programs.
fn runner(set_up: impl FnOnce(Builder) -> Builder) -> (Result<(), CliError>, [Value; 2]) {
    let (ended, text) = printed(true, set_up);
    let mut lines = text.lines().rev().map(|line| serde_json::from_str(line).unwrap());
    let (summary, step) = (lines.next().unwrap(), lines.next().unwrap());
    (ended, [step, summary])
}

fn profile(change: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = Profile::default();
    change(&mut profile);
    profile
}

#[test]
fn a_sandbox_that_follows_the_guide_passes() {
    let (ended, [step, summary]) = runner(|builder| builder);
    ended.unwrap();
    assert_eq!((&step["ok"], &summary["ok"], &summary["failed"]), (&true.into(), &true.into(), &Value::Null));
    assert_eq!(summary["steps"], step["step"]);
}

#[test]
fn a_wrong_answer_fails_its_step_and_names_it() {
    let accepting = profile(|it| it.unconfirmed_sender = Verdict::Rejected);
    let (ended, [step, summary]) = runner(|builder| builder.profile(accepting));
    let Err(CliError::Other(message)) = ended else { panic!("{ended:?}") };
    assert_eq!(step["title"], "A sender that is not confirmed");
    assert_eq!((&step["ok"], &step["failure"]), (&false.into(), &"the guide says: this fails".into()));
    assert_eq!((&summary["ok"], &summary["failed"]["step"]), (&false.into(), &step["step"]));
    assert!(message.contains("A sender that is not confirmed"), "{message}");
}

#[test]
fn a_wrong_status_fails_its_step() {
    // Time that runs away: what should be delivered is clicked already.
    let (ended, [step, _]) = runner(|builder| builder.clock(Clock::scaled(1e6)));
    assert!(ended.is_err());
    assert_eq!(step["title"], "It is delivered");
    assert!(step["failure"].as_str().unwrap().contains("its status is delivered, not clicked"), "{step}");
}

#[test]
fn people_see_which_step_failed_and_why() {
    let (ended, text) = printed(false, |builder| builder.clock(Clock::scaled(1e6)));
    assert!(ended.is_err());
    let end = text.split("It is delivered").nth(1).unwrap();
    assert!(end.contains("✗ the guide says: then its status is delivered, not clicked"), "{end}");
    assert!(end.contains("Step 7 did not do what the guide says.") && !end.contains('✓'), "{end}");
}

#[test]
fn an_error_of_the_first_call_fails_the_first_step() {
    let (ended, [step, summary]) = runner(|builder| builder.second_factor("123456"));
    assert!(ended.is_err());
    assert_eq!((step["step"].as_u64(), summary["failed"]["step"].as_u64()), (Some(1), Some(1)));
}
