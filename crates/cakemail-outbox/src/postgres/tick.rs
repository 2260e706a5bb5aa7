//! A worker's transaction: completes, reserves slots, claims. Four round trips, each with all statements that can go at once.

use std::collections::HashSet;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::connection::{Connection, NOW, Transaction, first};
use super::database;
use super::floors::Found;
use super::rows::{COLUMNS, Change, Changes, STORE, column_list, record};
use super::session::Session;
use crate::rate::SharedRate;
use crate::state::{Progress, State, Step};
use crate::{Claimed, Completion, Lane, Record, Result, Tick, Ticked, Time};

/// From reading the rate to the commit. An advisory lock, because a row's lock would be written to the disk by each tick.
const LOCK_RATE: &str = "select pg_advisory_xact_lock($1)";
const RATE: &str = "select next_slot, lowered_to, lowered_at, paused_until from outbox_rate";
const STORE_RATE: &str = "update outbox_rate set next_slot = $1, lowered_to = $2, lowered_at = $3";

/// Rows that other ticks have locked are theirs. A limit inside a limit: the second lane is read only when the first has
/// not enough. An email that a worker has claimed is due when its lease and the settle time have ended, but only if the
/// worker's lock has ended too: a process that is stopped can go on. Locks of this session are no obstacle to it.
const CLAIM: &str = concat!(
    "select ",
    column_list!(),
    ", payload from (
  select * from (
    select * from outbox_email
    where lane = 0 and due_at between $7 and $1 and id <> all($2)
      and (state <> 1 or owner <> all($6) and pg_try_advisory_xact_lock_shared($3, (owner & 2147483647)::int))
    order by due_at, id limit $4 for update skip locked) looks
  union all
  select * from (
    select * from (
      select * from outbox_email where lane = 1 and due_at between $8 and $1 and id <> all($2)
      order by due_at, id limit $5 for update skip locked) transactional
    union all
    select * from (
      select * from outbox_email where lane = 2 and due_at between $9 and $1 and id <> all($2)
      order by due_at, id limit $5 for update skip locked) marketing
    limit $5) submissions
) due"
);

/// When the first email of each lane is due after a time, for looks and for submissions.
const NEXT_DUE: &str = "
select (select min(due_at) from outbox_email where lane = 0 and due_at > $1),
  least((select min(due_at) from outbox_email where lane = 1 and due_at > $2),
    (select min(due_at) from outbox_email where lane = 2 and due_at > $2))";

/// The rows of completions that the first statement did not match.
const LATE: &str = concat!("select ", column_list!(), " from outbox_email where id = any($1) order by id for update");

/// The statements, prepared before the transaction begins.
struct Statements {
    lock_rate: Statement,
    now: Statement,
    rate: Statement,
    store_rate: Statement,
    store: Statement,
    claim: Statement,
    next_due: Statement,
}

impl Statements {
    async fn prepare(connection: &Connection) -> Result<Self> {
        Ok(Self {
            lock_rate: connection.prepare(LOCK_RATE).await?,
            now: connection.prepare(NOW).await?,
            rate: connection.prepare(RATE).await?,
            store_rate: connection.prepare(STORE_RATE).await?,
            store: connection.prepare(STORE).await?,
            claim: connection.prepare(CLAIM).await?,
            next_due: connection.prepare(NEXT_DUE).await?,
        })
    }
}

pub(super) async fn tick(session: &Session, tick: &Tick<'_>) -> Result<Ticked> {
    let (ticked, late) = retried!(Ticking::new(session, tick).await?.run().await)?;
    // After the commit: a transaction that waits for rows must not hold others.
    if !late.is_empty() {
        retried!(complete_late(&session.connection, tick, &late).await)?;
    }
    Ok(ticked)
}

struct Ticking<'a> {
    session: &'a Session,
    tick: &'a Tick<'a>,
    statements: Statements,
    now: Time,
    rate: SharedRate,
    /// The most emails to submit, by the shared rate and its pauses.
    slots: u32,
    /// What was claimed of each lane.
    found: [Found; 3],
}

impl<'a> Ticking<'a> {
    async fn new(session: &'a Session, tick: &'a Tick<'a>) -> Result<Self> {
        let statements = Statements::prepare(&session.connection).await?;
        let (now, rate, found) = (Time::from_micros(0), SharedRate::default(), Default::default());
        Ok(Self { session, tick, statements, now, rate, slots: 0, found })
    }

    async fn run(mut self) -> Result<(Ticked, Vec<&'a Completion>)> {
        let transaction = self.session.connection.transaction();
        self.begin(&transaction).await?;
        let (late, rows) = self.complete_and_find().await?;
        let (changes, mut claimed) = self.claim(&rows)?;
        let was_limited = self.reserve(&mut claimed);
        let next_due = self.store(transaction, changes, was_limited, &claimed).await?;
        self.session.floors().end(self.found, self.limits(), self.now);
        let stale = late.len();
        Ok((Ticked { now: self.now, claimed, next_due, stale }, late))
    }

    /// Begins, and reads the clock and the rate once it is ours.
    async fn begin(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        let is_limited = self.tick.rate.is_some() && (self.tick.room > 0 || self.was_limited());
        let lock_key = [&i64::from(self.session.class) as &(dyn ToSql + Sync)];
        let lock = self.query_if(is_limited, &self.statements.lock_rate, &lock_key);
        let (rate, now) = (self.query(&self.statements.rate, &[]), self.query(&self.statements.now, &[]));
        let ((), _, rate, now) = tokio::try_join!(biased; transaction.begin(), lock, rate, now)?;
        self.rate = rate.first().map_or(Ok(SharedRate::default()), shared_rate).map_err(database)?;
        self.now = Time::from_micros(first(&now)?.try_get(0).map_err(database)?);
        self.slots = match &self.tick.rate {
            Some(rate) => {
                self.rate.learn(rate, self.now);
                self.rate.available(rate, self.now)
            }
            None if self.rate.paused_until > self.now.as_micros() => 0,
            None => u32::MAX,
        };
        Ok(())
    }

    /// The most looks and the most submissions.
    fn limits(&self) -> [i64; 2] {
        [self.tick.room_for_looks, self.slots.min(self.tick.room)].map(i64::from)
    }

    /// Stores what is completed, and locks rows that are due. Returns the completions that match no current claim.
    async fn complete_and_find(&self) -> Result<(Vec<&'a Completion>, Vec<Row>)> {
        let completed = self.tick.completed.iter().filter_map(|completion| {
            let record = &completion.record;
            let progress = record.complete(record.progress.epoch, &completion.event, self.tick.rules, self.now)?;
            Some(self.change(record, progress))
        });
        let completed = Changes::new(completed.collect(), self.now);
        let ids: Vec<i64> = self.tick.completed.iter().map(|completion| completion.record.id).collect();
        let [looks, submissions] = self.limits();
        let [floor_0, floor_1, floor_2] = self.session.floors().begin();
        let (now, live) = (self.now.as_micros(), self.session.live());
        let class = &self.session.class;
        let values: [&(dyn ToSql + Sync); 9] =
            [&now, &ids, class, &looks, &submissions, &live, &floor_0, &floor_1, &floor_2];
        let stored = completed.values();
        let store = self.query_if(!ids.is_empty(), &self.statements.store, &stored);
        let claim = self.query_if(looks + submissions > 0, &self.statements.claim, &values);
        let (stored, found) = tokio::try_join!(biased; store, claim)?;
        let stored: HashSet<i64> =
            stored.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(database)?;
        let late = self.tick.completed.iter().filter(|completion| !stored.contains(&completion.record.id)).collect();
        Ok((late, found))
    }

    /// Claims the rows. An email that expired ends instead.
    fn claim(&mut self, rows: &[Row]) -> Result<(Vec<Change>, Vec<Claimed>)> {
        let (mut changes, mut claimed) = (Vec::new(), Vec::new());
        for row in rows {
            let mut record = match record(row) {
                Ok(record) => record,
                // It must not stop the others.
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "an email of the outbox cannot be read");
                    continue;
                }
            };
            self.count(&record);
            let Some(progress) = record.claim(self.tick.owner, self.tick.rules, self.now) else { continue };
            changes.push(self.change(&record, progress.clone()));
            if matches!(progress.state, State::Dispatching { .. }) {
                record.progress = progress;
                record.changed_at = self.now;
                let payload = row.try_get(COLUMNS).map_err(database)?;
                claimed.push(Claimed { record, payload, slot: self.now });
            }
        }
        Ok((changes, claimed))
    }

    fn count(&mut self, record: &Record) {
        let lane = match (&record.progress.state, record.lane) {
            (State::Queued, Lane::Transactional) => 1,
            (State::Queued, Lane::Marketing) => 2,
            _ => 0,
        };
        let due = record.progress.due.unwrap_or(self.now).as_micros();
        self.found[lane] = Found { count: self.found[lane].count + 1, last: self.found[lane].last.max(due) };
    }

    /// Gives slots to the emails that are submitted. Returns whether the rate changed.
    fn reserve(&mut self, claimed: &mut [Claimed]) -> bool {
        let Some(rate) = &self.tick.rate else { return false };
        let submissions: Vec<&mut Claimed> = claimed.iter_mut().filter(|claimed| is_submission(claimed)).collect();
        let slots = self.rate.reserve(rate, submissions.len(), self.now);
        let is_changed = !submissions.is_empty() || rate.was_limited;
        for (claimed, slot) in submissions.into_iter().zip(slots) {
            claimed.slot = slot;
        }
        is_changed
    }

    /// Stores the claims and commits. Returns when the next email will be due, if there was room for more: this reads past
    /// the entries of rows that were claimed before.
    async fn store(
        &self,
        transaction: Transaction<'_>,
        changes: Vec<Change>,
        is_rate_changed: bool,
        claimed: &[Claimed],
    ) -> Result<Option<Time>> {
        let changes = Changes::new(changes, self.now);
        let SharedRate { next_slot, lowered_to, lowered_at, .. } = &self.rate;
        let rate_values: [&(dyn ToSql + Sync); 3] = [next_slot, lowered_to, lowered_at];
        let values = changes.values();
        let store = self.query_if(!changes.is_empty(), &self.statements.store, &values);
        let store_rate = self.query_if(is_rate_changed, &self.statements.store_rate, &rate_values);
        let now = self.now.as_micros();
        // Where slots are what is missing, emails may be due already.
        let submissions_after = if self.slots < self.tick.room { i64::MIN } else { now };
        let due_values: [&(dyn ToSql + Sync); 2] = [&now, &submissions_after];
        let (room, looks) = (self.tick.room as usize, self.tick.room_for_looks as usize);
        let is_full = room > 0 && claimed.iter().filter(|claimed| is_submission(claimed)).count() == room;
        let has_room = !is_full && claimed.len() < room + looks;
        let next_due = self.query_if(has_room, &self.statements.next_due, &due_values);
        let (_, _, next_due, ()) = tokio::try_join!(biased; store, store_rate, next_due, transaction.commit())?;
        next_due.first().map_or(Ok(None), |row| self.next_due(row))
    }

    fn next_due(&self, row: &Row) -> Result<Option<Time>> {
        let time = |index| row.try_get::<_, Option<i64>>(index).map(|time| time.map(Time::from_micros));
        let (look, submission) = (time(0).map_err(database)?, time(1).map_err(database)?);
        let slot = match &self.tick.rate {
            Some(rate) => self.rate.next(rate, self.now).before(rate.horizon),
            None => Time::from_micros(self.rate.paused_until),
        };
        Ok(look.into_iter().chain(submission.map(|submission| submission.max(slot).max(self.now))).min())
    }

    fn change(&self, record: &Record, progress: Progress) -> Change {
        change(self.tick, record, progress)
    }

    fn was_limited(&self) -> bool {
        self.tick.rate.is_some_and(|rate| rate.was_limited)
    }

    /// Does nothing unless `is_wanted`, as a part of a pipeline.
    async fn query_if(
        &self,
        is_wanted: bool,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>> {
        if is_wanted { self.query(statement, values).await } else { Ok(Vec::new()) }
    }

    async fn query(&self, statement: &Statement, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        self.session.connection.client.query(statement, values).await.map_err(database)
    }
}

/// A change by a worker. An email that nothing more happens to by itself waits for the application to be told.
fn change(tick: &Tick<'_>, record: &Record, progress: Progress) -> Change {
    let is_told = Some(!tick.is_told || progress.due.is_some());
    Change { is_told, ..Change::of(record, progress) }
}

fn is_submission(claimed: &Claimed) -> bool {
    matches!(claimed.record.progress.state, State::Dispatching { step: Step::Submit, .. })
}

/// Completes emails that another claim has taken over: that one was accepted counts all the same.
async fn complete_late(connection: &Connection, tick: &Tick<'_>, late: &[&Completion]) -> Result<()> {
    let transaction = connection.transaction();
    transaction.begin().await?;
    let now = connection.now().await?;
    let ids: Vec<i64> = late.iter().map(|completion| completion.record.id).collect();
    let mut changes = Vec::new();
    for row in connection.query(LATE, &[&ids]).await? {
        let mut record = record(&row)?;
        let was = record.progress.epoch;
        for completion in late.iter().filter(|completion| completion.record.id == record.id) {
            let epoch = completion.record.progress.epoch;
            if let Some(progress) = record.complete(epoch, &completion.event, tick.rules, now) {
                record.progress = progress;
            }
        }
        if record.progress.epoch != was {
            changes.push(Change { was, ..change(tick, &record, record.progress.clone()) });
        }
    }
    Changes::new(changes, now).store(connection).await?;
    transaction.commit().await
}

fn shared_rate(row: &Row) -> Result<SharedRate, tokio_postgres::Error> {
    Ok(SharedRate {
        next_slot: row.try_get(0)?,
        lowered_to: row.try_get(1)?,
        lowered_at: row.try_get(2)?,
        paused_until: row.try_get(3)?,
    })
}
