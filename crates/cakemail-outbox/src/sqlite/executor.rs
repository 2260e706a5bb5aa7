//! A thread that owns a connection. SQLite blocks, so nothing of it runs on the threads of the async runtime.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use crate::{Error, Result};

/// The most calls that share a transaction.
const MAX_GROUP: usize = 64;

/// Runs a call in this transaction, or fails it when none could begin.
type Job = Box<dyn FnOnce(Result<InTransaction<'_>, Shared>) -> Ended + Send>;

struct InTransaction<'a> {
    connection: &'a Connection,
    /// The transaction ends as this call does. Otherwise the call has a savepoint, which copies each page that it changes.
    is_only: bool,
}

/// A call that has been made.
struct Ended {
    is_ok: bool,
    /// Reports its result, once it is known whether the transaction was committed.
    report: Box<dyn FnOnce(Result<(), Shared>) + Send>,
}

/// An error of all calls of a group.
type Shared = Arc<dyn std::error::Error + Send + Sync>;

/// Sends calls to the thread. The thread ends when this is dropped.
pub(super) struct Executor {
    jobs: Sender<Job>,
}

impl Executor {
    /// A thread whose calls each see one state of the database.
    pub(super) fn reader(connection: Connection) -> Result<Self> {
        Self::spawn(connection, |connection, jobs| {
            for job in jobs {
                run_group(connection, TransactionBehavior::Deferred, vec![job]);
            }
        })
    }

    /// A thread whose calls are committed in groups: those that wait while one group is committed are the next one, so that
    /// they share its sync of the disk. Each call is all or nothing.
    pub(super) fn writer(connection: Connection) -> Result<Self> {
        Self::spawn(connection, |connection, jobs| {
            while let Ok(first) = jobs.recv() {
                let group = std::iter::once(first).chain(jobs.try_iter()).take(MAX_GROUP).collect();
                run_group(connection, TransactionBehavior::Immediate, group);
            }
        })
    }

    fn spawn(
        mut connection: Connection,
        run: impl FnOnce(&mut Connection, Receiver<Job>) + Send + 'static,
    ) -> Result<Self> {
        let (jobs, waiting) = channel();
        let thread = thread::Builder::new().name("cakemail-outbox".to_owned());
        thread.spawn(move || run(&mut connection, waiting)).map_err(|error| Error::Database(Box::new(error)))?;
        Ok(Self { jobs })
    }

    /// Runs a call in a transaction. If the future is dropped, the call takes place nevertheless.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let result =
                transaction.map_err(into_error).and_then(|InTransaction { connection, is_only }| match is_only {
                    true => call(connection),
                    false => all_or_nothing(connection, call),
                });
            let is_ok = result.is_ok();
            let report = Box::new(move |committed: Result<(), Shared>| {
                let _ = sender.send(result.and_then(|value| committed.map(|()| value).map_err(into_error)));
            });
            Ended { is_ok, report }
        });
        let stopped = || Error::Database("the thread of the database has stopped".into());
        self.jobs.send(job).map_err(|_| stopped())?;
        receiver.await.map_err(|_| stopped())?
    }
}

/// Runs calls in one transaction, and reports their results after its commit.
fn run_group(connection: &mut Connection, behavior: TransactionBehavior, jobs: Vec<Job>) {
    let transaction = match connection.transaction_with_behavior(behavior) {
        Ok(transaction) => transaction,
        Err(error) => {
            let error = shared(error);
            return jobs.into_iter().for_each(|job| (job(Err(Arc::clone(&error))).report)(Err(Arc::clone(&error))));
        }
    };
    let is_only = jobs.len() == 1;
    let run = |job: Job| job(in_transaction(&transaction).map(|connection| InTransaction { connection, is_only }));
    let ended: Vec<_> = jobs.into_iter().map(run).collect();
    let committed = match in_transaction(&transaction) {
        Ok(_) if ended.iter().any(|ended| ended.is_ok) => transaction.commit().map_err(shared),
        Ok(_) => transaction.rollback().map_err(shared),
        Err(error) => Err(error),
    };
    ended.into_iter().for_each(|ended| (ended.report)(committed.clone()));
}

/// After some errors, such as a full disk, SQLite has rolled back the transaction, and with it the calls before.
fn in_transaction(connection: &Connection) -> Result<&Connection, Shared> {
    if connection.is_autocommit() {
        return Err(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(
            "another call failed in the same transaction: nothing was changed",
        )));
    }
    Ok(connection)
}

fn shared(error: rusqlite::Error) -> Shared {
    match Error::from(error) {
        Error::Database(source) => source.into(),
        error => Arc::new(error),
    }
}

fn into_error(error: Shared) -> Error {
    Error::Database(Box::new(error))
}

/// Runs a call that changes all that it should, or nothing.
pub(super) fn all_or_nothing<T>(connection: &Connection, call: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    connection.execute_batch("savepoint outbox_call")?;
    let result = call(connection);
    let end = match result {
        Ok(_) => "release outbox_call",
        Err(_) => "rollback to outbox_call; release outbox_call",
    };
    if !connection.is_autocommit() {
        connection.execute_batch(end)?;
    }
    result
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use futures_util::future::join_all;

    use super::*;

    fn writer(setup: &str) -> Executor {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table numbers (number integer unique, ballast blob) strict").unwrap();
        connection.execute_batch(setup).unwrap();
        Executor::writer(connection).unwrap()
    }

    async fn insert(writer: &Executor, number: i64, bytes: usize) -> Result<()> {
        let insert = move |connection: &Connection| -> Result<()> {
            connection.execute("insert into numbers values (?, null)", [number])?;
            connection.execute("update numbers set ballast = zeroblob(?) where number = ?", [bytes as i64, number])?;
            Ok(())
        };
        writer.run(insert).await
    }

    async fn numbers(writer: &Executor) -> Vec<i64> {
        let select = |connection: &Connection| -> Result<Vec<i64>> {
            let mut statement = connection.prepare("select number from numbers order by number")?;
            Ok(statement.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?)
        };
        writer.run(select).await.unwrap()
    }

    /// Runs these calls as one group.
    async fn together<T>(writer: &Executor, calls: impl IntoIterator<Item = T>) -> Vec<Result<()>>
    where
        T: Future<Output = Result<()>>,
    {
        let (release, released) = channel();
        let first = async {
            let wait = move |_: &Connection| {
                released.recv().unwrap();
                Ok(())
            };
            writer.run(wait).await
        };
        let others = async {
            let others = join_all(calls);
            tokio::pin!(others);
            // Each call is sent when it is polled first.
            assert!(futures_util::poll!(&mut others).is_pending());
            release.send(()).unwrap();
            others.await
        };
        tokio::join!(biased; first, others).1
    }

    #[tokio::test]
    async fn a_call_that_fails_changes_nothing_and_the_others_of_its_group_are_stored() {
        let writer = writer("");
        insert(&writer, 1, 0).await.unwrap();
        let results = together(&writer, [0, 1, 2].map(|number| insert(&writer, number, 0))).await;
        assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        let fail = |connection: &Connection| -> Result<()> {
            connection.execute("insert into numbers values (3, null)", ())?;
            Err(Error::OwnerLost)
        };
        assert!(matches!(writer.run(fail).await, Err(Error::OwnerLost)));
        for result in together(&writer, [writer.run(fail), writer.run(fail)]).await {
            assert!(matches!(result, Err(Error::OwnerLost)));
        }
        assert_eq!(numbers(&writer).await, [0, 1, 2]);
    }

    #[tokio::test]
    async fn a_full_disk_is_an_error_and_what_was_stored_stays() {
        let writer = writer("pragma max_page_count = 50");
        let mut stored = Vec::new();
        for number in 0..20 {
            let calls = [2 * number, 2 * number + 1].map(|number| insert(&writer, number, 10_000));
            let results = together(&writer, calls).await;
            for (number, result) in (2 * number..).zip(results) {
                match result {
                    Ok(()) => stored.push(number),
                    Err(error) => {
                        let source = std::error::Error::source(&error).unwrap().to_string();
                        assert!(source.contains("disk is full") || source.contains("nothing was changed"), "{source}");
                    }
                }
            }
        }
        assert!(!stored.is_empty() && stored.len() < 40, "{stored:?}");
        assert_eq!(numbers(&writer).await, stored);
        let grow = |connection: &Connection| Ok(connection.execute_batch("pragma max_page_count = 5000")?);
        writer.run(grow).await.unwrap();
        insert(&writer, 100, 10_000).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_written_fails_each_call_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        Connection::open(&path).unwrap().execute_batch("create table numbers (number, ballast)").unwrap();
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let writer = Executor::writer(Connection::open_with_flags(&path, flags).unwrap()).unwrap();
        for _ in 0..2 {
            let error = insert(&writer, 1, 0).await.unwrap_err();
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("cannot be written"), "{source}");
        }
    }
}
