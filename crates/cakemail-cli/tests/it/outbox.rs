//! `cakemail outbox` over a SQLite ledger, against a sandbox.

mod decisions;
mod enqueue;
mod run;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use cakemail::IdempotencyKey;
use cakemail::outbox::sqlite::SqliteLedger;
use cakemail::outbox::state::{Event, Reason, Rules};
use cakemail::outbox::{Completion, Ledger, Tick, Time};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{Finished, LocalSandbox};

/// A sandbox with a sender and a list, and a ledger.
struct TestBed {
    server: LocalSandbox,
    sender: String,
    list: String,
    folder: TempDir,
}

impl TestBed {
    fn new() -> Self {
        let server = LocalSandbox::start();
        let (sender, list) = server.sender_and_list();
        Self { server, sender, list, folder: tempfile::tempdir().unwrap() }
    }

    fn ledger(&self) -> PathBuf {
        self.folder.path().join("outbox.db")
    }

    /// `cakemail outbox` with these arguments, in the ledger's folder.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.server.command(&[&["outbox"], args].concat());
        command.env("CAKEMAIL_OUTBOX", self.ledger()).current_dir(&self.folder);
        command
    }

    fn run(&self, args: &[&str]) -> Finished {
        Finished::of(&mut self.command(args))
    }

    /// Enqueues an email with more arguments.
    fn enqueue(&self, key: &str, to: &str, more: &[&str]) -> Finished {
        let email = ["--sender", &self.sender, "--list", &self.list, "--to", to, "--subject", "Hi", "--text", "b0dy"];
        self.run(&[&["enqueue", "--json", "--key", key], &email[..], more].concat())
    }

    /// A line of a file of emails.
    fn line(&self, key: &str, to: &str) -> Value {
        let content = json!({"type": "transactional", "subject": "Hi", "text": "b0dy"});
        let list: u64 = self.list.parse().unwrap();
        json!({"key": key, "email": {"sender": {"id": self.sender}, "list_id": list, "email": to, "content": content}})
    }

    /// Brings an email into doubt, and the search for it to another email with its key.
    fn park(&self, key: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (key, rules) = (IdempotencyKey::new(key).unwrap(), Rules::default());
        let reason = || Reason::new("Test", "it is parked by a test");
        runtime.block_on(async {
            for (event, delay) in [(Event::Lost(reason()), 1), (Event::KeyConflict(reason()), 60)] {
                let at = Time::from(SystemTime::now() + Duration::from_secs(delay)); // after the backoff
                let ledger = SqliteLedger::open(self.ledger()).await.unwrap().clock(move || at);
                let lock = ledger.lock().await.unwrap();
                let claimed = ledger.claim(lock.owner(), &key, &rules).await.unwrap().unwrap();
                let completed = [Completion { record: claimed.record, event }];
                let (owner, rules) = (lock.owner(), &rules);
                let tick = Tick {
                    owner,
                    completed: &completed,
                    room: 0,
                    room_for_looks: 0,
                    rate: None,
                    rules,
                    is_told: false,
                };
                ledger.tick(tick).await.unwrap();
            }
        });
        assert_eq!(self.state(key.tag()), "parked");
    }

    fn drain(&self) {
        self.run(&["run", "--until-empty"]).ok();
    }

    fn show(&self, key: &str) -> Value {
        self.run(&["show", key, "--json"]).ok().json().remove(0)
    }

    fn state(&self, key: &str) -> String {
        self.show(key)["state"].as_str().unwrap().to_owned()
    }
}
