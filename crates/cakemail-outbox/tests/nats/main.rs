//! The example of NATS JetStream, with a cluster of three servers of which one is killed.

#[path = "../../examples/nats.rs"]
mod example;

mod cluster;

use std::time::Duration;

use async_nats::jetstream::stream::Stream;
use cakemail_client::{Client, Credentials, IdempotencyKey};
use cakemail_model::Content;
use cakemail_model::emails::NewEmail;
use cakemail_outbox::state::{Rules, State};
use cakemail_outbox::{Filter, OnMissing, Outbox, OutboxEmail, Record};
use cakemail_postgres::Server;
use cakemail_sandbox::{Effect, Fault, Match, Phase, Sandbox, Tenant};
use cakemail_transport::{HyperTransport, Settings};
use cluster::Cluster;

const EMAILS: usize = 600;
/// Every tenth response is lost after the email was accepted.
const LOST: u64 = 10;
/// How long a part of the drain may take.
const LIMIT: Duration = Duration::from_secs(60);

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_loses_no_email_and_sends_none_twice() -> Result {
    let (Some(postgres), Some(mut cluster)) = (Server::shared(), Cluster::start()?) else { return Ok(()) };
    let sandbox = Sandbox::start().await?;
    let lost = Match::operation("submitEmail").every(LOST);
    sandbox.fault(Fault::on(lost).at(Phase::Committed).effect(Effect::Reset));
    let outbox = Outbox::connect(&postgres.database().await?).await?.rules(rules());
    let jetstream = cluster.connect().await?;
    let stream = cluster.ready(async || example::stream(&jetstream, 3).await).await?;
    let tenant = sandbox.tenant();
    let keys = enqueue(&outbox, &tenant).await?;

    // Some keys are published twice, and some never: the sweep finds these.
    for key in keys.iter().step_by(3).chain(keys.iter().step_by(2)) {
        example::publish(&jetstream, key).await?;
    }
    let client = client(&tenant)?;
    let consumers = (0..2).map(|_| {
        let (stream, outbox, client) = (stream.clone(), outbox.clone(), client.clone());
        tokio::spawn(async move {
            loop {
                // The consumer's server may be the one that dies.
                let _ = example::consume(&stream, &outbox, &client).await;
            }
        })
    });
    let consumers: Vec<_> = consumers.collect();
    sandbox.wait("").count(EMAILS / 4).within(LIMIT).await?;
    cluster.kill(&stream_leader(&stream).await?)?;
    while !all_ended(&outbox).await? {
        // Fails while the cluster elects a leader.
        let _ = example::sweep(&outbox, &jetstream).await;
    }
    consumers.iter().for_each(|consumer| consumer.abort());

    let ledger = sandbox.ledger();
    assert_eq!((ledger.total(), ledger.duplicate_count()), (EMAILS as u64, 0));
    let records = all(&outbox).await?;
    assert_eq!(records.len(), EMAILS);
    for record in records {
        assert!(matches!(record.progress.state, State::Accepted(_)), "{record:?}");
    }
    Ok(())
}

/// Short times, so that a lost response is looked up soon.
fn rules() -> Rules {
    let mut rules = Rules::default();
    (rules.lease, rules.settle) = (Duration::from_secs(5), Duration::from_secs(2));
    (rules.first_backoff, rules.max_backoff) = (Duration::from_millis(20), Duration::from_millis(500));
    rules
}

async fn enqueue(outbox: &Outbox, tenant: &Tenant) -> Result<Vec<IdempotencyKey>> {
    let mut emails = Vec::new();
    for number in 0..EMAILS {
        let (sender, list) = (tenant.sender_id().clone(), tenant.list_id());
        let email =
            NewEmail::transactional(sender, list, format!("r{number}@example.org"), Content::text("Hi", "Once?"));
        let mut email = OutboxEmail::new(IdempotencyKey::new(&format!("order-{number}"))?, email);
        email.on_missing = OnMissing::ResendAfter(Duration::from_secs(2));
        emails.push(email);
    }
    outbox.enqueue_all(&emails).await?;
    Ok(emails.into_iter().map(|email| email.key).collect())
}

fn client(tenant: &Tenant) -> Result<Client> {
    let transport = HyperTransport::with_settings(Settings::new().no_proxy())?;
    let credentials = Credentials::password(tenant.email(), tenant.password());
    Ok(Client::builder().base_url(tenant.url()).credentials(credentials).transport(transport).build()?)
}

async fn stream_leader(stream: &Stream) -> Result<String> {
    let cluster = stream.get_info().await?.cluster.ok_or("the stream is not in a cluster")?;
    Ok(cluster.leader.ok_or("the stream has no leader")?)
}

async fn all_ended(outbox: &Outbox) -> Result<bool> {
    let counts = outbox.counts().await?.by_state;
    Ok(["queued", "dispatching", "unknown"].iter().all(|state| counts.get(state).is_none_or(|count| *count == 0)))
}

async fn all(outbox: &Outbox) -> Result<Vec<Record>> {
    let mut filter = Filter::default();
    filter.limit = EMAILS as u32 * 2;
    Ok(outbox.list(&filter).await?)
}
