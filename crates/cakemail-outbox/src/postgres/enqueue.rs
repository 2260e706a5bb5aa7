//! Enqueues, in a transaction of the application or one of the ledger.

use std::collections::{HashMap, HashSet};

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use super::database;
use super::rows::{COLUMNS, column_list, record};
use crate::insert::values;
use crate::state::State;
use crate::{Enqueued, Error, Insert, OutboxEmail, Result};

/// In the order of the keys, so that two transactions with the same keys do not wait for each other. The position in the
/// batch is added to the time, in microseconds: emails are sent in the order of the batch.
const INSERT: &str = "
insert into outbox_email (key, payload, digest, class, due_at, expires_at, resend_after)
select key, payload, digest, class, coalesce(due_at, now.micros + position), expires_at, resend_after
from unnest($1::text[], $2::bytea[], $3::bytea[], $4::smallint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
  n (key, payload, digest, class, due_at, expires_at, resend_after, position),
  (select (extract(epoch from clock_timestamp()) * 1000000)::bigint) now (micros)
on conflict (key) do nothing
returning id, key";
const FIND: &str = concat!("select ", column_list!(), ", digest from outbox_email where key = any($1)");
const REMOVE: &str = "delete from outbox_email where id = any($1)";

/// Enqueues emails in the transaction that `client` is in, or in one of their own if it is in none. All of them, or none if
/// there is an error. An email that is in the outbox already, with the same content, stays as it is.
///
/// # Errors
/// [`Error::Invalid`] and [`Error::KeyConflict`], which leave the transaction usable; [`Error::Database`], which does not.
pub async fn enqueue(client: &impl GenericClient, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>> {
    if emails.is_empty() {
        return Ok(Vec::new());
    }
    let inserts = values(emails).await?;
    let inserted = insert(client, &inserts).await?;
    let is_conflict =
        |insert: &&Insert, digest: Option<&Vec<u8>>| digest.is_some_and(|digest| *digest != insert.digest);
    let keys: Vec<&str> =
        inserts.iter().map(|insert| insert.key.as_str()).filter(|key| !inserted.contains_key(*key)).collect();
    let found = find(client, &keys).await?;
    let mut digests: HashMap<&str, &Vec<u8>> = found.iter().map(|(key, row)| (key.as_str(), &row.digest)).collect();
    for insert in &inserts {
        // The first of several emails with one key is the one that was inserted.
        digests.entry(&insert.key).or_insert(&insert.digest);
    }
    if let Some(conflict) = inserts.iter().find(|insert| is_conflict(insert, digests.get(insert.key.as_str()).copied()))
    {
        let ids: Vec<i64> = inserted.into_values().collect();
        client.query_typed(REMOVE, &[(&ids, Type::INT8_ARRAY)]).await.map_err(database)?;
        return Err(Error::KeyConflict { key: conflict.key.clone() });
    }
    let mut new = HashSet::new();
    inserts
        .iter()
        .map(|insert| match (inserted.get(&insert.key), found.get(&insert.key)) {
            (Some(id), _) => Ok(Enqueued { id: *id, is_new: new.insert(*id), state: State::Queued }),
            (None, Some(row)) => Ok(Enqueued { id: row.id, is_new: false, state: row.state.clone() }),
            // It was removed between the two statements.
            (None, None) => {
                Err(Error::Database(format!("the email with the key {} was just removed", insert.key).into()))
            }
        })
        .collect()
}

/// Inserts the emails whose keys are new. Returns the rows of these keys.
async fn insert(client: &impl GenericClient, inserts: &[Insert]) -> Result<HashMap<String, i64>> {
    let mut sorted: Vec<(i64, &Insert)> = (0..).zip(inserts).collect();
    sorted.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));
    let column = |value: fn(&Insert) -> Option<i64>| -> Vec<Option<i64>> {
        sorted.iter().map(|(_, insert)| value(insert)).collect()
    };
    let keys: Vec<&str> = sorted.iter().map(|(_, insert)| insert.key.as_str()).collect();
    let payloads: Vec<&[u8]> = sorted.iter().map(|(_, insert)| insert.payload.as_slice()).collect();
    let digests: Vec<&[u8]> = sorted.iter().map(|(_, insert)| insert.digest.as_slice()).collect();
    let classes: Vec<i16> = sorted.iter().map(|(_, insert)| insert.class).collect();
    let positions: Vec<i64> = sorted.iter().map(|(position, _)| *position).collect();
    let (due_at, expires_at, resend_after) =
        (column(|insert| insert.due_at), column(|insert| insert.expires_at), column(|insert| insert.resend_after));
    let parameters: [(&(dyn ToSql + Sync), Type); 8] = [
        (&keys, Type::TEXT_ARRAY),
        (&payloads, Type::BYTEA_ARRAY),
        (&digests, Type::BYTEA_ARRAY),
        (&classes, Type::INT2_ARRAY),
        (&due_at, Type::INT8_ARRAY),
        (&expires_at, Type::INT8_ARRAY),
        (&resend_after, Type::INT8_ARRAY),
        (&positions, Type::INT8_ARRAY),
    ];
    let rows = client.query_typed(INSERT, &parameters).await.map_err(database)?;
    rows.iter().map(|row| Ok((row.try_get(1)?, row.try_get(0)?))).collect::<Result<_, _>>().map_err(database)
}

/// A row that was there before.
struct Found {
    id: i64,
    digest: Vec<u8>,
    state: State,
}

async fn find(client: &impl GenericClient, keys: &[&str]) -> Result<HashMap<String, Found>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = client.query_typed(FIND, &[(&keys, Type::TEXT_ARRAY)]).await.map_err(database)?;
    let found = |row: &Row| {
        let record = record(row)?;
        let digest = row.try_get(COLUMNS).map_err(database)?;
        Ok((record.key.tag().to_owned(), Found { id: record.id, digest, state: record.progress.state }))
    };
    rows.iter().map(found).collect()
}
