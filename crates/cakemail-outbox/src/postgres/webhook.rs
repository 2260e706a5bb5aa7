//! What webhooks told, and the memory of their receiver.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::EmailId;

use super::connection::Connection;
use super::queries::LOCK_KEY;
use super::rows::record;
use crate::{Delivery, Record, Result};

const RECORD: &str = "update outbox_email set delivery_status = $2, delivery_at = $3 where id = $1";
const PRUNE: &str = "
delete from outbox_webhook where id in (
  select id from outbox_webhook
  where until is null and created <= extract(epoch from clock_timestamp())::bigint - $1
  order by created limit $2 for update skip locked)";

pub(super) async fn record_delivery(
    connection: &Connection,
    key: &IdempotencyKey,
    id: Option<&EmailId>,
    delivery: &Delivery,
) -> Result<Option<Record>> {
    let transaction = connection.transaction();
    transaction.begin().await?;
    let Some(row) = connection.query_opt(LOCK_KEY, &[&key.tag()]).await? else { return Ok(None) };
    let mut record = record(&row)?;
    if record.is_updated_by(id, delivery) {
        connection.execute(RECORD, &[&record.id, &delivery.status.as_str(), &delivery.at.as_micros()]).await?;
        record.delivery = Some(delivery.clone());
    }
    transaction.commit().await?;
    Ok(Some(record))
}

pub(super) async fn prune(connection: &Connection, age: Duration, limit: u32) -> Result<u64> {
    let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX / 2);
    connection.execute(PRUNE, &[&seconds, &i64::from(limit)]).await
}

#[cfg(feature = "webhook")]
pub(super) use self::store::{begin, complete, forget};

/// The statements that [`cakemail_webhook::DeliveryStore`] documents.
#[cfg(feature = "webhook")]
mod store {
    use cakemail_webhook::{Claim, DeliveryState};

    use super::super::connection::Connection;
    use super::super::database;
    use crate::Result;

    const BEGIN: &str = "
insert into outbox_webhook (id, token, until, created) values ($1, $2, $3, $4)
on conflict (id) do update set token = $2, until = $3 where outbox_webhook.until <= $4";
    const FIND: &str = "select until is null from outbox_webhook where id = $1";
    const COMPLETE: &str = "
insert into outbox_webhook (id, token, until, created) values ($1, $2, null, $3)
on conflict (id) do update set until = null";
    const FORGET: &str = "delete from outbox_webhook where id = $1 and token = $2 and until is not null";

    pub(in super::super) async fn begin(connection: &Connection, claim: Claim) -> Result<DeliveryState> {
        let (id, now) = (claim.id.as_bytes().as_slice(), claim.now.as_second());
        if connection.execute(BEGIN, &[&id, &claim.token, &claim.until.as_second(), &now]).await? > 0 {
            return Ok(DeliveryState::New);
        }
        // A claim that was forgotten since is still in progress for the sender, which tries again.
        let row = connection.query_opt(FIND, &[&id]).await?;
        let is_done = row.map_or(Ok(false), |row| row.try_get(0)).map_err(database)?;
        Ok(if is_done { DeliveryState::Done } else { DeliveryState::InProgress })
    }

    pub(in super::super) async fn complete(connection: &Connection, claim: Claim) -> Result<()> {
        let id = claim.id.as_bytes().as_slice();
        connection.execute(COMPLETE, &[&id, &claim.token, &claim.now.as_second()]).await?;
        Ok(())
    }

    pub(in super::super) async fn forget(connection: &Connection, claim: Claim) -> Result<()> {
        connection.execute(FORGET, &[&claim.id.as_bytes().as_slice(), &claim.token]).await?;
        Ok(())
    }
}
