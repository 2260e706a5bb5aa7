//! Reads rows and stores progress.

use rusqlite::{Connection, Params, Row as SqlRow, Statement, params};

use crate::columns::{ProgressColumns, Row};
use crate::state::Progress;
use crate::{Record, Result, Time};

/// The columns of a [`Record`], in the order that [`record`] reads them.
pub(super) const COLUMNS: &str = "id, key, class, resend_after, expires_at, enqueued_at, changed_at, delivery_status, \
    delivery_at, state, due_at, epoch, owner, step, claimed_at, doubt_at, submissions, resends, failures, reason, email_id";
/// How many they are: the index of the first column after them.
pub(super) const COLUMN_COUNT: usize = 21;

pub(super) fn record(row: &SqlRow<'_>) -> Result<Record> {
    let progress = ProgressColumns {
        state: row.get(9)?,
        due_at: row.get(10)?,
        epoch: row.get(11)?,
        owner: row.get(12)?,
        step: row.get(13)?,
        claimed_at: row.get(14)?,
        doubt_at: row.get(15)?,
        submissions: row.get(16)?,
        resends: row.get(17)?,
        failures: row.get(18)?,
        reason: row.get(19)?,
        email_id: row.get(20)?,
    };
    let row = Row {
        id: row.get(0)?,
        key: row.get(1)?,
        class: row.get(2)?,
        resend_after: row.get(3)?,
        expires_at: row.get(4)?,
        enqueued_at: row.get(5)?,
        changed_at: row.get(6)?,
        delivery_status: row.get(7)?,
        delivery_at: row.get(8)?,
        progress,
    };
    row.into_record()
}

/// The records that a query with [`COLUMNS`] finds.
pub(super) fn records(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<Record>> {
    let mut statement = connection.prepare(sql)?;
    statement.query_and_then(parameters, record)?.collect()
}

pub(super) fn by_key(connection: &Connection, key: &str) -> Result<Option<Record>> {
    one(connection, &format!("select {COLUMNS} from outbox_email where key = ?"), [key])
}

pub(super) fn by_id(connection: &Connection, id: i64) -> Result<Option<Record>> {
    one(connection, &format!("select {COLUMNS} from outbox_email where id = ?"), [id])
}

fn one(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Option<Record>> {
    connection.prepare(sql)?.query(parameters)?.next()?.map(record).transpose()
}

/// Stores the progress of rows.
pub(super) struct Store<'a>(Statement<'a>);

impl<'a> Store<'a> {
    pub(super) fn new(connection: &'a Connection) -> Result<Self> {
        // The time of the latest claim stays, as evidence for other emails.
        Ok(Self(connection.prepare(
            "update outbox_email set state = ?3, due_at = ?4, epoch = ?5, owner = ?6, step = ?7, \
             claimed_at = coalesce(?8, claimed_at), doubt_at = ?9, submissions = ?10, resends = ?11, failures = ?12, \
             reason = ?13, email_id = ?14, is_told = coalesce(?15, is_told or ?4 is not null), changed_at = ?16 \
             where id = ?1 and epoch = ?2",
        )?))
    }

    /// Stores the progress if the row still has this epoch. `is_told` says whether the application knows; `None` leaves it as
    /// it was.
    pub(super) fn store(
        &mut self,
        (id, epoch): (i64, i64),
        progress: &Progress,
        is_told: Option<bool>,
        now: Time,
    ) -> Result<bool> {
        let columns = ProgressColumns::from(progress);
        let changed = self.0.execute(params![
            id,
            epoch,
            columns.state,
            columns.due_at,
            columns.epoch,
            columns.owner,
            columns.step,
            columns.claimed_at,
            columns.doubt_at,
            columns.submissions,
            columns.resends,
            columns.failures,
            columns.reason,
            columns.email_id,
            is_told,
            now.as_micros(),
        ])?;
        Ok(changed > 0)
    }
}
