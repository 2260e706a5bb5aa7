//! What webhooks tell about emails, and the memory of their receiver.

use cakemail_model::EmailId;
use rusqlite::{Connection, params};

use super::rows;
use crate::{Delivery, Record, Result, Time};

pub(super) fn record_delivery(
    connection: &Connection,
    key: &str,
    id: Option<&EmailId>,
    delivery: Delivery,
) -> Result<Option<Record>> {
    let Some(record) = rows::by_key(connection, key)? else { return Ok(None) };
    if !record.is_updated_by(id, &delivery) {
        return Ok(Some(record));
    }
    let sql = "update outbox_email set delivery_status = ?, delivery_at = ? where id = ?";
    connection.execute(sql, params![delivery.status.as_str(), delivery.at.as_micros(), record.id])?;
    Ok(Some(Record { delivery: Some(delivery), ..record }))
}

/// Times of claims are in seconds since 1970, and so are those of the table.
pub(super) fn prune(connection: &Connection, before: Time, limit: u32) -> Result<u64> {
    let sql = "delete from outbox_webhook where id in
               (select id from outbox_webhook where until is null and created < ? order by created limit ?)";
    let removed = connection.execute(sql, params![before.as_micros().div_euclid(1_000_000), limit])?;
    Ok(removed as u64)
}

#[cfg(feature = "webhook")]
pub(super) use claims::{begin, complete, forget};

#[cfg(feature = "webhook")]
mod claims {
    use cakemail_webhook::{Claim, DeliveryState};
    use rusqlite::{Connection, OptionalExtension, params};

    use crate::Result;

    pub(in crate::sqlite) fn begin(connection: &Connection, claim: Claim) -> Result<DeliveryState> {
        let insert = "insert into outbox_webhook (id, token, until, created) values (?, ?, ?, ?)
                      on conflict (id) do update set token = excluded.token, until = excluded.until
                      where until <= excluded.created";
        let (id, now) = (claim.id.as_bytes(), claim.now.as_second());
        if connection.execute(insert, params![id, claim.token, claim.until.as_second(), now])? > 0 {
            return Ok(DeliveryState::New);
        }
        let find = "select until is null from outbox_webhook where id = ?";
        let is_done = connection.query_row(find, params![id], |row| row.get(0)).optional()?.unwrap_or(false);
        Ok(if is_done { DeliveryState::Done } else { DeliveryState::InProgress })
    }

    pub(in crate::sqlite) fn complete(connection: &Connection, claim: Claim) -> Result<()> {
        let sql = "insert into outbox_webhook (id, token, created) values (?, ?, ?)
                   on conflict (id) do update set until = null";
        connection.execute(sql, params![claim.id.as_bytes(), claim.token, claim.now.as_second()])?;
        Ok(())
    }

    pub(in crate::sqlite) fn forget(connection: &Connection, claim: Claim) -> Result<()> {
        let sql = "delete from outbox_webhook where id = ? and token = ? and until is not null";
        connection.execute(sql, params![claim.id.as_bytes(), claim.token])?;
        Ok(())
    }
}
