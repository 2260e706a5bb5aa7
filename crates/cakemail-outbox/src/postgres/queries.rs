//! Everything that is not a tick, each in a transaction of its own.

use std::time::Duration;

use cakemail_client::IdempotencyKey;

use tokio_postgres::types::Type;

use super::connection::Connection;
use super::database;
use super::rows::{COLUMNS, Change, Changes, column_list, record};
use super::session::Session;
use crate::columns::{STATES, code};
use crate::state::{Decision, Event, Rules, State, Step};
use crate::{Claimed, Counts, Error, Filter, Owner, Record, Result, Time};

const GET: &str = concat!("select ", column_list!(), " from outbox_email where key = $1");
const PAYLOAD: &str = "select payload from outbox_email where key = $1";
const UNTOLD: &str = concat!(
    "select ",
    column_list!(),
    " from outbox_email where not is_told and id > $2
  and changed_at <= (extract(epoch from clock_timestamp()) * 1000000)::bigint - $1 order by id limit $3"
);
const TOLD: &str = "
update outbox_email e set is_told = true from unnest($1::bigint[], $2::bigint[]) n (id, epoch)
where e.id = n.id and e.epoch = n.epoch and not e.is_told";
pub(super) const LOCK_KEY: &str = concat!("select ", column_list!(), " from outbox_email where key = $1 for update");
/// As a tick claims.
const CLAIM_KEY: &str = concat!(
    "select ",
    column_list!(),
    ", payload, (select paused_until from outbox_rate) from outbox_email
    where key = $1 and (state <> 1 or owner <> all($2) and pg_try_advisory_xact_lock_shared($3, (owner & 2147483647)::int))
    for update skip locked"
);
const WAIT_FOR_END: &str = "select pg_advisory_xact_lock_shared($1, ($2::bigint & 2147483647)::int)";
/// The rows that an owner has claimed are in the lane of looks.
const CLAIMED_BY: &str = concat!(
    "select ",
    column_list!(),
    " from outbox_email where lane = 0 and state = 1 and owner = $1 and id <> all($2) order by id for update"
);
const PAUSE: &str = "
update outbox_rate set paused_until =
  greatest(paused_until, (extract(epoch from clock_timestamp()) * 1000000)::bigint + $1)";
const ACCEPTED_AFTER: &str = "
select key from outbox_email
where state = 4 and state >= 4 and changed_at > $1 and claimed_at > $1 and doubt_at is null and submissions = 1
order by changed_at limit 1";
/// Each part is counted in an index of its own: in `outbox_email` there is the content, too.
const COUNT: &str = "
select 0::smallint, count(*) from outbox_email where lane = 1
union all select 0::smallint, count(*) from outbox_email where lane = 2
union all select state, count(*) from outbox_email where lane = 0 group by state
union all select 3::smallint, count(*) from outbox_email where state = 3
union all select state, count(*) from outbox_email where state >= 4 group by state";
const OLDEST_DUE: &str = "
select least((select min(due_at) from outbox_email where lane = 0), (select min(due_at) from outbox_email where lane = 1),
  (select min(due_at) from outbox_email where lane = 2))";
const ACCEPTED_SINCE: &str = "select count(*) from outbox_email where state = 4 and state >= 4 and changed_at > $1";
const PRUNE: &str = "
delete from outbox_email where id in (
  select id from outbox_email
  where state >= 4 and is_told and changed_at < (extract(epoch from clock_timestamp()) * 1000000)::bigint - $1
  order by changed_at limit $2 for update skip locked)";

pub(super) async fn get(connection: &Connection, key: &IdempotencyKey) -> Result<Option<Record>> {
    connection.query_opt(GET, &[&key.tag()]).await?.as_ref().map(record).transpose()
}

pub(super) async fn payload(connection: &Connection, key: &IdempotencyKey) -> Result<Option<Vec<u8>>> {
    let row = connection.query_opt(PAYLOAD, &[&key.tag()]).await?;
    row.map(|row| row.try_get(0)).transpose().map_err(database)
}

pub(super) async fn list(connection: &Connection, filter: &Filter) -> Result<Vec<Record>> {
    let codes = filter.states.iter().filter_map(|name| STATES.iter().find(|(known, _)| known == name));
    let conditions: Vec<String> = match filter.states.is_empty() {
        true => vec!["true".to_owned()],
        false => codes.map(|(_, code)| in_state(*code)).collect(),
    };
    if conditions.is_empty() {
        return Ok(Vec::new());
    }
    // The ids come from an index alone, so that few rows are read however many there are.
    let part = |condition: String| {
        format!("(select id from outbox_email where {condition} and id < $1 order by id desc limit $2)")
    };
    let parts: Vec<String> = conditions.into_iter().map(part).collect();
    let (columns, ids) = (column_list!(), parts.join(" union all "));
    let sql = format!("select {columns} from outbox_email where id in ({ids}) order by id desc limit $2");
    let limit = if filter.limit == 0 { 100 } else { i64::from(filter.limit) };
    let before = filter.before.unwrap_or(i64::MAX);
    let rows = connection.client.query_typed(&sql, &[(&before, Type::INT8), (&limit, Type::INT8)]).await;
    rows.map_err(database)?.iter().map(record).collect()
}

/// In words that an index has, if one does.
fn in_state(code: i16) -> String {
    match code {
        code::QUEUED => "lane in (1, 2)".to_owned(),
        code::DISPATCHING | code::UNKNOWN => format!("lane = 0 and state = {code}"),
        code => format!("state = {code}"),
    }
}

pub(super) async fn untold(connection: &Connection, age: Duration, after: i64, limit: u32) -> Result<Vec<Record>> {
    connection
        .query(UNTOLD, &[&crate::time::micros(age), &after, &i64::from(limit)])
        .await?
        .iter()
        .map(record)
        .collect()
}

pub(super) async fn told(connection: &Connection, records: &[Record]) -> Result<()> {
    let mut rows: Vec<(i64, i64)> = records.iter().map(|record| (record.id, record.progress.epoch)).collect();
    rows.sort_unstable();
    let (ids, epochs): (Vec<i64>, Vec<i64>) = rows.into_iter().unzip();
    connection.execute(TOLD, &[&ids, &epochs]).await?;
    Ok(())
}

pub(super) async fn decide(
    connection: &Connection,
    key: &IdempotencyKey,
    decision: &Decision,
    rules: &Rules,
) -> Result<Record> {
    let transaction = connection.transaction();
    transaction.begin().await?;
    let row = connection.query_opt(LOCK_KEY, &[&key.tag()]).await?;
    let mut record = record(&row.ok_or_else(|| Error::NotFound(key.tag().to_owned()))?)?;
    let now = connection.now().await?;
    let progress = record.decide(decision, rules, now)?;
    Changes::new(vec![Change::of(&record, progress.clone())], now).store(connection).await?;
    transaction.commit().await?;
    record.progress = progress;
    record.changed_at = now;
    Ok(record)
}

pub(super) async fn claim(
    session: &Session,
    owner: Owner,
    key: &IdempotencyKey,
    rules: &Rules,
) -> Result<Option<Claimed>> {
    let connection = &session.connection;
    let transaction = connection.transaction();
    transaction.begin().await?;
    let row = connection.query_opt(CLAIM_KEY, &[&key.tag(), &session.live(), &session.class]).await?;
    let Some(row) = row else { return Ok(None) };
    let mut record = record(&row)?;
    let now = connection.now().await?;
    let Some(progress) = record.claim(owner, rules, now) else { return Ok(None) };
    Changes::new(vec![Change::of(&record, progress.clone())], now).store(connection).await?;
    transaction.commit().await?;
    let State::Dispatching { step, .. } = progress.state else { return Ok(None) };
    record.progress = progress;
    record.changed_at = now;
    let paused_until = Time::from_micros(row.try_get(COLUMNS + 1).map_err(database)?);
    let slot = if step == Step::Submit { paused_until.max(now) } else { now };
    Ok(Some(Claimed { record, payload: row.try_get(COLUMNS).map_err(database)?, slot }))
}

/// With a `class`, the owner's session was lost: first waits for its end, since until then the server may still commit what
/// it was asked to.
pub(super) async fn release(connection: &Connection, owner: Owner, except: &[i64], class: Option<i32>) -> Result<u64> {
    let transaction = connection.transaction();
    transaction.begin().await?;
    if let Some(class) = class {
        connection.query(WAIT_FOR_END, &[&class, &owner.0]).await?;
    }
    let rows = connection.query(CLAIMED_BY, &[&owner.0, &except]).await?;
    let now = connection.now().await?;
    let mut changes = Vec::new();
    for row in &rows {
        let record = record(row)?;
        let progress = record.complete(record.progress.epoch, &Event::Released, &Rules::default(), now);
        changes.extend(progress.map(|progress| Change::of(&record, progress)));
    }
    let released = Changes::new(changes, now).store(connection).await?.len();
    transaction.commit().await?;
    Ok(released as u64)
}

pub(super) async fn pause(connection: &Connection, wait: Duration) -> Result<()> {
    connection.execute(PAUSE, &[&crate::time::micros(wait)]).await?;
    Ok(())
}

pub(super) async fn accepted_after(connection: &Connection, time: Time) -> Result<Option<IdempotencyKey>> {
    let Some(row) = connection.query_opt(ACCEPTED_AFTER, &[&time.as_micros()]).await? else { return Ok(None) };
    let tag: String = row.try_get(0).map_err(database)?;
    IdempotencyKey::from_tag(&tag).map(Some).map_err(|error| Error::Database(error.into()))
}

pub(super) async fn counts(connection: &Connection) -> Result<Counts> {
    let mut counts = Counts::default();
    for row in connection.query(COUNT, &[]).await? {
        let (code, count): (i16, i64) = (row.try_get(0).map_err(database)?, row.try_get(1).map_err(database)?);
        if count == 0 {
            continue;
        }
        if let Some((name, _)) = STATES.iter().find(|(_, known)| *known == code) {
            *counts.by_state.entry(name).or_default() += count.cast_unsigned();
        }
    }
    let now = connection.now().await?;
    let oldest: Option<i64> = connection.query_one(OLDEST_DUE, &[]).await?.try_get(0).map_err(database)?;
    counts.oldest_due = oldest.map(Time::from_micros).filter(|due| *due <= now).map(|due| now.since(due));
    let minute_ago = now.before(Duration::from_secs(60)).as_micros();
    let accepted: i64 = connection.query_one(ACCEPTED_SINCE, &[&minute_ago]).await?.try_get(0).map_err(database)?;
    counts.accepted_last_minute = accepted.cast_unsigned();
    Ok(counts)
}

pub(super) async fn prune(connection: &Connection, age: Duration, limit: u32) -> Result<u64> {
    connection.execute(PRUNE, &[&crate::time::micros(age), &i64::from(limit)]).await
}
