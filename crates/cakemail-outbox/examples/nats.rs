//! Sends the emails of an outbox whose keys travel through NATS JetStream. The rows are in PostgreSQL.
//!
//! The stream only carries keys. A key that arrives twice, late or not at all does no harm: the row decides, and a sweep
//! publishes the keys of rows that still wait.
//!
//! Needs `DATABASE_URL`, `NATS_URL` (default `nats://localhost:4222`, several with commas) and the client's environment.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::consumer::{Consumer, pull};
use async_nats::jetstream::stream::{Config, RetentionPolicy, Stream};
use async_nats::jetstream::{self, AckKind, Context, Message};
use cakemail_client::{Client, IdempotencyKey};
use cakemail_outbox::{Error as OutboxError, Filter, Outbox, Record, Time};
use futures_util::TryStreamExt;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The subject of the keys.
const SUBJECT: &str = "outbox.keys";
/// How many emails a process dispatches at a time.
const IN_FLIGHT: usize = 64;
/// The wait when the database or the server of the queue fails.
const RETRY: Duration = Duration::from_secs(1);

/// Creates the stream. With three replicas, each key survives the loss of a server.
pub async fn stream(jetstream: &Context, replicas: usize) -> Result<Stream> {
    let config = Config {
        name: "outbox".to_owned(),
        subjects: vec![SUBJECT.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        num_replicas: replicas,
        ..Config::default()
    };
    Ok(jetstream.get_or_create_stream(config).await?)
}

/// Publishes a key, after the transaction that enqueued the email has committed. Returns when the stream has stored it.
pub async fn publish(jetstream: &Context, key: &IdempotencyKey) -> Result {
    jetstream.publish(SUBJECT, key.tag().to_owned().into()).await?.await?;
    Ok(())
}

/// Publishes the keys of all emails that wait: those that were enqueued by a process that died before it published them.
/// Run it now and then.
pub async fn sweep(outbox: &Outbox, jetstream: &Context) -> Result {
    let mut filter = Filter::default();
    filter.states = vec!["queued", "dispatching", "unknown"];
    loop {
        let page = outbox.list(&filter).await?;
        let Some(last) = page.last() else { return Ok(()) };
        filter.before = Some(last.id);
        for record in &page {
            publish(jetstream, &record.key).await?;
        }
    }
}

/// Dispatches the emails whose keys arrive, until there is an error of the stream.
pub async fn consume(stream: &Stream, outbox: &Outbox, client: &Client) -> Result {
    // A key that is not acknowledged in this time arrives again. That is harmless, also while it is being dispatched.
    let config = pull::Config {
        durable_name: Some("workers".to_owned()),
        ack_wait: Duration::from_secs(30),
        ..pull::Config::default()
    };
    let consumer: Consumer<pull::Config> = stream.get_or_create_consumer("workers", config).await?;
    let messages = consumer.messages().await?;
    let dispatched = messages.map_err(Into::into).try_for_each_concurrent(IN_FLIGHT, |message| async move {
        let kind = dispatch(&message, outbox, client).await;
        message.ack_with(kind).await
    });
    dispatched.await
}

/// Does the next step of an email. Returns the response for the queue.
async fn dispatch(message: &Message, outbox: &Outbox, client: &Client) -> AckKind {
    let tag = str::from_utf8(&message.payload).ok();
    let Some(key) = tag.and_then(|tag| IdempotencyKey::from_tag(tag).ok()) else { return AckKind::Term };
    match outbox.dispatch(client, &key).await {
        Ok(record) => step_done(&record),
        Err(OutboxError::NotFound(_)) => AckKind::Term,
        Err(_) => AckKind::Nak(Some(RETRY)),
    }
}

/// The email has ended or is parked; or its key is to arrive again when the next step is due.
fn step_done(record: &Record) -> AckKind {
    match record.progress.due {
        None => AckKind::Ack,
        Some(due) => AckKind::Nak(Some(due.since(Time::from(SystemTime::now())))),
    }
}

#[tokio::main]
#[allow(dead_code, reason = "a test has this file as a module")]
async fn main() -> Result {
    let servers = std::env::var("NATS_URL").unwrap_or_else(|_| "nats://localhost:4222".to_owned());
    let jetstream = jetstream::new(async_nats::connect(servers.split(',').collect::<Vec<_>>()).await?);
    let stream = stream(&jetstream, 3).await?;
    let outbox = Outbox::connect(&std::env::var("DATABASE_URL")?).await?;
    let client = Client::from_env()?;
    sweep(&outbox, &jetstream).await?;
    loop {
        if let Err(error) = consume(&stream, &outbox, &client).await {
            eprintln!("{error}");
            tokio::time::sleep(RETRY).await;
        }
    }
}
