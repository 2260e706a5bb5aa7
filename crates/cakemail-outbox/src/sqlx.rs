//! Enqueuing through `sqlx`, in whichever version the application has: this crate does not depend on it.

use crate::state::State;
use crate::{Enqueued, Error, Insert, Result, columns};

/// Enqueues emails in the application's transaction, through a `PgConnection` or a `SqliteConnection` of `sqlx`: all of
/// them, or none if there is an error. They are sent once it is committed.
///
/// Gives a future of [`Result<Vec<Enqueued>>`](crate::Enqueued). The crate that uses this depends on `sqlx`. Each email is a
/// statement of its own. The emails must be in a transaction, else a failure of the connection leaves some of them.
///
/// Errors: [`Error::Invalid`](crate::Error::Invalid) and [`Error::KeyConflict`](crate::Error::KeyConflict), which leave the
/// transaction usable, and [`Error::Database`](crate::Error::Database).
///
/// ```
/// # async fn pay(pool: sqlx::SqlitePool, email: cakemail_outbox::OutboxEmail) -> Result<(), Box<dyn std::error::Error>> {
/// let mut transaction = pool.begin().await?;
/// sqlx::query("update orders set paid = true where id = 42").execute(&mut *transaction).await?;
/// cakemail_outbox::enqueue_sqlx!(&mut *transaction, &[email]).await?;
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! enqueue_sqlx {
    ($connection:expr, $emails:expr) => {
        async {
            let (connection, mut batch) = ($connection, $crate::sqlx::Batch::default());
            for row in &$crate::Insert::all($emails)? {
                let insert = ::sqlx::query_scalar(row.due_at.map_or($crate::sqlx::INSERT, |_| $crate::sqlx::INSERT_AT))
                    .bind(&row.key[..])
                    .bind(&row.payload[..])
                    .bind(&row.digest[..])
                    .bind(row.class)
                    .bind(row.expires_at)
                    .bind(row.resend_after);
                let insert = match row.due_at {
                    Some(due_at) => insert.bind(due_at),
                    None => insert,
                };
                let added = insert.fetch_optional(&mut *connection).await.map_err($crate::sqlx::failed)?;
                if let Some(id) = added {
                    batch.add(id);
                    continue;
                }
                let found = ::sqlx::query_as($crate::sqlx::FIND).bind(&row.key[..]);
                let found = found.fetch_one(&mut *connection).await.map_err($crate::sqlx::failed)?;
                if let Err(error) = batch.find(row, found) {
                    for id in batch.added() {
                        let remove = ::sqlx::query($crate::sqlx::REMOVE).bind(id);
                        remove.execute(&mut *connection).await.map_err($crate::sqlx::failed)?;
                    }
                    return Err(error);
                }
            }
            Ok::<_, $crate::Error>(batch.enqueued())
        }
    };
}

/// Of the emails that are due now.
pub const INSERT: &str = "insert into outbox_email (key, payload, digest, class, expires_at, resend_after) \
    values ($1, $2, $3, $4, $5, $6) on conflict (key) do nothing returning id";
/// Of the emails that are due at `$7`.
pub const INSERT_AT: &str = "insert into outbox_email (key, payload, digest, class, expires_at, resend_after, due_at) \
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (key) do nothing returning id";
/// The columns of a [`Found`].
pub const FIND: &str = "select id, digest, state, owner, step, claimed_at, email_id from outbox_email where key = $1";
/// Of an email that this batch has added.
pub const REMOVE: &str = "delete from outbox_email where id = $1";

/// An email that has the key: its row, its digest and the columns of its state.
pub type Found = (i64, Vec<u8>, i16, Option<i64>, Option<i16>, Option<i64>, Option<String>);

/// The emails of a batch that are in the outbox now.
#[derive(Debug, Default)]
pub struct Batch(Vec<Enqueued>);

impl Batch {
    /// The email was added.
    pub fn add(&mut self, id: i64) {
        self.0.push(Enqueued { id, is_new: true, state: State::Queued });
    }

    /// An email with its key was there.
    ///
    /// # Errors
    /// [`Error::KeyConflict`].
    pub fn find(&mut self, row: &Insert, found: Found) -> Result<()> {
        let (id, digest, state, owner, step, claimed_at, email_id) = found;
        if digest != row.digest {
            return Err(Error::KeyConflict { key: row.key.clone() });
        }
        let state = columns::state(state, owner, step, claimed_at, email_id);
        let state = state.ok_or_else(|| columns::unreadable(id, "state"))?;
        self.0.push(Enqueued { id, is_new: false, state });
        Ok(())
    }

    /// The rows that were added.
    pub fn added(&self) -> impl Iterator<Item = i64> {
        self.0.iter().filter(|enqueued| enqueued.is_new).map(|enqueued| enqueued.id)
    }

    /// The emails.
    pub fn enqueued(self) -> Vec<Enqueued> {
        self.0
    }
}

/// An error of `sqlx`.
pub fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Database(Box::new(error))
}
