//! The application's own transactions: the documented insert, by the database's own crates.

use cakemail_outbox::{Insert, OutboxEmail};
use tokio_postgres::NoTls;

use crate::Result;
use crate::place::Place;

const INSERT: &str = "insert into outbox_email (key, payload, digest, class, resend_after) values ($1, $2, $3, $4, $5)
    on conflict (key) do nothing";

/// A connection of an application.
pub enum Transactions {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Transactions {
    pub async fn connect(place: &Place) -> Result<Self> {
        if !place.is_postgres() {
            let connection = rusqlite::Connection::open(&place.0)?;
            connection.busy_timeout(std::time::Duration::from_secs(10))?;
            return Ok(Self::Sqlite(connection));
        }
        let (client, connection) = tokio_postgres::connect(&place.0, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self::Postgres(client))
    }

    /// Inserts emails in one transaction. `inserted` is called before it commits.
    pub async fn enqueue(&mut self, emails: &[OutboxEmail], inserted: impl Fn()) -> Result {
        let rows = Insert::all(emails)?;
        match self {
            Self::Sqlite(connection) => {
                let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                for row in &rows {
                    let values = (&row.key, &row.payload, &row.digest, row.class, row.resend_after);
                    transaction.execute(INSERT, values)?;
                }
                inserted();
                transaction.commit()?;
            }
            Self::Postgres(client) => {
                let transaction = client.transaction().await?;
                for row in &rows {
                    let values = [&row.key as &(dyn tokio_postgres::types::ToSql + Sync), &row.payload, &row.digest];
                    let values =
                        values.into_iter().chain([&row.class as _, &row.resend_after as _]).collect::<Vec<_>>();
                    transaction.execute(INSERT, &values).await?;
                }
                inserted();
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}
