//! Several processes. Each one is this test binary, which runs only the test that it is told to.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use cakemail_outbox::sqlite::SqliteLedger;
use cakemail_outbox::{Filter, Ledger};

use super::Sqlite;
use crate::Database;
use crate::cases::{claim, email, instant, keys};

const PATH: &str = "CAKEMAIL_OUTBOX_TEST_PATH";

fn spawn(database: &Sqlite, test: &str) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = format!("sqlite::processes::{test}");
    command.args(["--exact", &name, "--nocapture"]).env(PATH, database.path()).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

fn wait_for(output: &mut BufReader<ChildStdout>, line: &str) {
    assert!(output.lines().any(|read| read.unwrap().contains(line)), "no {line}");
}

/// The process that `spawn` starts.
#[tokio::test]
async fn claims_and_waits() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let ledger = SqliteLedger::open(path).await.unwrap();
    let lock = ledger.lock().await.unwrap();
    let claimed = claim(&ledger, lock.owner(), 1, &instant()).await.claimed;
    println!("\nclaimed {}", claimed.len());
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// The process that `spawn` starts.
#[tokio::test]
async fn migrates_and_enqueues() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let ledger = SqliteLedger::open(path).await.unwrap();
    ledger.migrate().await.unwrap();
    let name = std::process::id().to_string();
    ledger.enqueue(&[email("shared"), email(&name)]).await.unwrap();
}

#[tokio::test]
async fn a_claim_is_kept_while_its_process_lives_and_taken_when_it_was_killed() {
    let database = Sqlite::new().await.unwrap();
    let ledger = database.open().await;
    ledger.enqueue(&[email("1")]).await.unwrap();
    let (mut child, mut output) = spawn(&database, "claims_and_waits");
    wait_for(&mut output, "claimed 1");
    let lock = ledger.lock().await.unwrap();
    assert_eq!(claim(&*ledger, lock.owner(), 1, &instant()).await.claimed.len(), 0);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(keys(&claim(&*ledger, lock.owner(), 1, &instant()).await.claimed), ["1"]);
}

#[tokio::test]
async fn processes_that_open_a_new_file_at_once_share_it() {
    let database = Sqlite::new().await.unwrap();
    let children: Vec<_> = (0..4).map(|_| spawn(&database, "migrates_and_enqueues")).collect();
    for (mut child, output) in children {
        for line in output.lines() {
            drop(line);
        }
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(database.open().await.list(&Filter::default()).await.unwrap().len(), 5);
}
