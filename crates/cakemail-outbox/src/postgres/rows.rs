//! Rows of `outbox_email`, read and written.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::connection::Connection;
use super::database;
use crate::columns::{self, ProgressColumns};
use crate::state::Progress;
use crate::{Record, Result, Time};

/// The columns that [`record`] reads, in its order.
macro_rules! column_list {
    () => {
        "id, key, class, resend_after, expires_at, enqueued_at, changed_at, delivery_status, delivery_at, state, due_at, \
         epoch, owner, step, claimed_at, doubt_at, submissions, resends, failures, reason, email_id"
    };
}
pub(super) use column_list;

/// The number of columns: the index of the one after them.
pub(super) const COLUMNS: usize = 21;

pub(super) fn record(row: &Row) -> Result<Record> {
    read(row).map_err(database)?.into_record()
}

fn read(row: &Row) -> Result<columns::Row, tokio_postgres::Error> {
    Ok(columns::Row {
        id: row.try_get(0)?,
        key: row.try_get(1)?,
        class: row.try_get(2)?,
        resend_after: row.try_get(3)?,
        expires_at: row.try_get(4)?,
        enqueued_at: row.try_get(5)?,
        changed_at: row.try_get(6)?,
        delivery_status: row.try_get(7)?,
        delivery_at: row.try_get(8)?,
        progress: ProgressColumns {
            state: row.try_get(9)?,
            due_at: row.try_get(10)?,
            epoch: row.try_get(11)?,
            owner: row.try_get(12)?,
            step: row.try_get(13)?,
            claimed_at: row.try_get(14)?,
            doubt_at: row.try_get(15)?,
            submissions: row.try_get(16)?,
            resends: row.try_get(17)?,
            failures: row.try_get(18)?,
            reason: row.try_get(19)?,
            email_id: row.try_get(20)?,
        },
    })
}

/// Stores changes of rows whose epochs are still the ones that they were decided from. Returns their ids.
///
/// `claimed_at` outlives the claim: it tells when the latest submission began.
pub(super) const STORE: &str = "
update outbox_email e set
  state = n.state, due_at = n.due_at, epoch = n.epoch, owner = n.owner, step = n.step,
  claimed_at = coalesce(n.claimed_at, e.claimed_at), doubt_at = n.doubt_at, submissions = n.submissions,
  resends = n.resends, failures = n.failures, reason = n.reason, email_id = n.email_id,
  is_told = coalesce(n.is_told, e.is_told), changed_at = $1
from unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::smallint[],
  $9::bigint[], $10::bigint[], $11::int[], $12::int[], $13::int[], $14::text[], $15::text[], $16::boolean[])
  n (id, was, state, due_at, epoch, owner, step, claimed_at, doubt_at, submissions, resends, failures, reason, email_id,
    is_told)
where e.id = n.id and e.epoch = n.was
returning e.id";

/// A row's change.
pub(super) struct Change {
    pub id: i64,
    /// The epoch that it was decided from.
    pub was: i64,
    pub progress: Progress,
    /// `None` leaves it.
    pub is_told: Option<bool>,
}

impl Change {
    pub(super) fn of(record: &Record, progress: Progress) -> Self {
        // There is nothing to tell of an email that goes on.
        let is_told = progress.due.is_some().then_some(true);
        Self { id: record.id, was: record.progress.epoch, progress, is_told }
    }
}

/// The values of [`STORE`].
#[derive(Default)]
pub(super) struct Changes {
    changed_at: i64,
    id: Vec<i64>,
    was: Vec<i64>,
    state: Vec<i16>,
    due_at: Vec<Option<i64>>,
    epoch: Vec<i64>,
    owner: Vec<Option<i64>>,
    step: Vec<Option<i16>>,
    claimed_at: Vec<Option<i64>>,
    doubt_at: Vec<Option<i64>>,
    submissions: Vec<i32>,
    resends: Vec<i32>,
    failures: Vec<i32>,
    reason: Vec<Option<String>>,
    email_id: Vec<Option<String>>,
    is_told: Vec<Option<bool>>,
}

impl Changes {
    /// Rows are locked in the order of their ids, so that transactions wait for each other in one direction only.
    pub(super) fn new(mut changes: Vec<Change>, now: Time) -> Self {
        changes.sort_by_key(|change| change.id);
        let mut all = Self { changed_at: now.as_micros(), ..Self::default() };
        for change in &changes {
            all.push(change);
        }
        all
    }

    fn push(&mut self, change: &Change) {
        let columns = ProgressColumns::from(&change.progress);
        self.id.push(change.id);
        self.was.push(change.was);
        self.state.push(columns.state);
        self.due_at.push(columns.due_at);
        self.epoch.push(columns.epoch);
        self.owner.push(columns.owner);
        self.step.push(columns.step);
        self.claimed_at.push(columns.claimed_at);
        self.doubt_at.push(columns.doubt_at);
        self.submissions.push(columns.submissions);
        self.resends.push(columns.resends);
        self.failures.push(columns.failures);
        self.reason.push(columns.reason);
        self.email_id.push(columns.email_id);
        self.is_told.push(change.is_told);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    pub(super) fn values(&self) -> [&(dyn ToSql + Sync); 16] {
        [
            &self.changed_at,
            &self.id,
            &self.was,
            &self.state,
            &self.due_at,
            &self.epoch,
            &self.owner,
            &self.step,
            &self.claimed_at,
            &self.doubt_at,
            &self.submissions,
            &self.resends,
            &self.failures,
            &self.reason,
            &self.email_id,
            &self.is_told,
        ]
    }

    pub(super) async fn store(&self, connection: &Connection) -> Result<Vec<i64>> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let rows = connection.query(STORE, &self.values()).await?;
        rows.iter().map(|row| row.try_get(0).map_err(database)).collect()
    }
}
