//! The snippets of `docs/outbox.md`.

use std::future::Future;
use std::process::Command;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::routing::post;
use cakemail::outbox::state::State;
use cakemail::outbox::{Filter, Time};
use cakemail::sandbox::DEFAULT_PASSWORD;
use cakemail::webhook::{Received, Receiver, Verifier};
use cakemail::{Client, Credentials, EmailStatus, NewEmail};

// The imports of the page:

use cakemail::outbox::{self, AttachedFile, Outbox, OutboxEmail};
use cakemail::{ClientBuilder, HyperTransport, IdempotencyKey};

use self::handler::webhook;
use crate::pages::blocks;
use crate::{Result, TestBed};

async fn five_lines(email: NewEmail, shutdown: impl Future<Output = ()> + Send) -> Result {
    let outbox = Outbox::open("outbox.db").await?;
    outbox.enqueue(&OutboxEmail::new(IdempotencyKey::new("order-1042-receipt")?, email)).await?;

    let client = ClientBuilder::from_env()?.transport(HyperTransport::new()?).build()?;
    outbox.worker(&client).run(shutdown).await?;
    Ok(())
}

/// Ends when an email was accepted.
async fn accepted(outbox: Outbox) {
    let mut filter = Filter::default();
    filter.states = vec!["accepted"];
    while outbox.list(&filter).await.is_ok_and(|emails| emails.is_empty()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The lines read the environment and write to the current folder, so they run in a child process, twice.
#[test]
fn the_five_lines_send_an_email_once() -> Result {
    const CHILD: &str = "CAKEMAIL_OUTBOX_LINES";
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Ok(given) = std::env::var(CHILD) {
        let (sender, list) = given.split_once(' ').ok_or("no list")?;
        let content = cakemail::Content::text("Your receipt", "Thank you.");
        let email = NewEmail::transactional(sender, list.parse()?, "bob@example.com", content);
        return runtime.block_on(async {
            let outbox = Outbox::open("outbox.db").await?;
            five_lines(email, accepted(outbox)).await
        });
    }
    let bed = runtime.block_on(TestBed::new())?;
    let folder = tempfile::tempdir()?;
    for _ in 0..2 {
        let status = Command::new(std::env::current_exe()?)
            .args(["--exact", "outbox::the_five_lines_send_an_email_once", "--nocapture"])
            .current_dir(&folder)
            .env(CHILD, format!("{} {}", bed.sender, bed.list))
            .env("CAKEMAIL_API_BASE", bed.sandbox.url())
            .env("CAKEMAIL_EMAIL", bed.sandbox.email())
            .env("CAKEMAIL_PASSWORD", DEFAULT_PASSWORD)
            .env_remove("CAKEMAIL_ACCESS_TOKEN")
            .status()?;
        assert!(status.success());
    }
    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

/// An outbox in a temporary folder, and a client for its worker.
async fn open(bed: &TestBed) -> Result<(tempfile::TempDir, Outbox, Client)> {
    let folder = tempfile::tempdir()?;
    let outbox = Outbox::open(folder.path().join("outbox.db")).await?;
    let credentials = Credentials::password(bed.sandbox.email(), DEFAULT_PASSWORD);
    let builder = Client::builder().base_url(bed.sandbox.url()).credentials(credentials);
    Ok((folder, outbox, builder.transport(HyperTransport::new()?).build()?))
}

#[tokio::test]
async fn an_email_has_times_and_files() -> Result {
    let bed = TestBed::new().await?;
    let (folder, outbox, _) = open(&bed).await?;
    std::fs::write(folder.path().join("invoice.pdf"), "an invoice")?;
    let (email, path) = (bed.email("bob@example.com"), folder.path().join("invoice.pdf"));
    let tomorrow = Time::from(SystemTime::now()).after(Duration::from_secs(86_400));
    let next_week = tomorrow.after(Duration::from_secs(6 * 86_400));

    let key = IdempotencyKey::new("invoice-2026-11")?;
    let file = AttachedFile::new(&path)?;
    let invoice = OutboxEmail::new(key.clone(), email).send_at(tomorrow).expires_at(next_week).attach(file);
    outbox.enqueue(&invoice).await?;

    let record = outbox.get(&key).await?.ok_or("it is missing")?;
    assert_eq!((record.progress.due, record.expires_at), (Some(tomorrow), Some(next_week)));
    Ok(())
}

#[tokio::test]
async fn an_email_is_enqueued_in_a_transaction_of_rusqlite() -> Result {
    let bed = TestBed::new().await?;
    let (folder, handle, client) = open(&bed).await?;
    let mut connection = rusqlite::Connection::open(folder.path().join("outbox.db"))?;
    connection.execute("CREATE TABLE orders (id INTEGER)", [])?;
    let email = OutboxEmail::new(IdempotencyKey::new("order-1042")?, bed.email("bob@example.com"));

    let transaction = connection.transaction()?;
    transaction.execute("INSERT INTO orders (id) VALUES (1042)", [])?;
    outbox::sqlite::enqueue(&transaction, &[email])?;
    transaction.commit()?;

    handle.worker(&client).run_until_empty(std::future::pending()).await?;
    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

#[tokio::test]
async fn any_database_crate_inserts_the_row() -> Result {
    use cakemail::outbox::Insert;
    use rusqlite::params;

    let bed = TestBed::new().await?;
    let (folder, handle, client) = open(&bed).await?;
    let mut connection = rusqlite::Connection::open(folder.path().join("outbox.db"))?;
    let email = OutboxEmail::new(IdempotencyKey::new("order-1042")?, bed.email("bob@example.com"));
    let transaction = connection.transaction()?;

    let Insert { key, payload, digest, class, .. } = Insert::new(&email)?;
    let sql = "INSERT INTO outbox_email (key, payload, digest, class) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING";
    transaction.execute(sql, params![key, payload, digest, class])?;

    transaction.commit()?;
    assert!(!handle.enqueue(&email).await?.is_new);
    handle.worker(&client).run_until_empty(std::future::pending()).await?;
    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

#[test]
fn the_page_shows_the_format_of_a_payload() -> Result {
    let content = cakemail::Content::text("Your receipt", "Thank you.");
    let email = NewEmail::transactional("42", cakemail::ListId::new(7), "ada@example.com", content);
    let payload = outbox::payload::encode(&OutboxEmail::new(IdempotencyKey::new("order-1042")?, email))?;
    let shown = blocks("docs/outbox.md").into_iter().any(|(_, body)| body.replace('\n', "").as_bytes() == payload);
    assert!(shown, "{}", String::from_utf8(payload)?);
    Ok(())
}

/// The outbox's tests run this against a server.
#[expect(dead_code)]
async fn an_email_is_enqueued_in_a_transaction_of_postgres(
    mut postgres: tokio_postgres::Client,
    email: OutboxEmail,
) -> Result {
    let transaction = postgres.transaction().await?;
    transaction.execute("INSERT INTO orders (id) VALUES (1042)", &[]).await?;
    outbox::postgres::enqueue(&transaction, &[email]).await?;
    transaction.commit().await?;
    Ok(())
}

/// The outbox's tests run this against both databases.
#[expect(dead_code)]
async fn an_email_is_enqueued_in_a_transaction_of_sqlx(pool: sqlx::SqlitePool, email: OutboxEmail) -> Result {
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO orders (id) VALUES (1042)").execute(&mut *transaction).await?;
    outbox::enqueue_sqlx!(&mut *transaction, &[email]).await?;
    transaction.commit().await?;
    Ok(())
}

#[expect(dead_code)]
async fn many_machines() -> Result<Outbox> {
    let outbox = Outbox::connect("postgres://app@db.example.com/app").await?;
    Ok(outbox)
}

#[derive(Debug, Default)]
struct Queue {
    acknowledged: bool,
}

impl Queue {
    fn acknowledge(&mut self) {
        self.acknowledged = true;
    }

    fn deliver_again_at(&mut self, _: Time) {}
}

#[tokio::test]
async fn a_queue_carries_keys() -> Result {
    let bed = TestBed::new().await?;
    let (_folder, outbox, client) = open(&bed).await?;
    let key = IdempotencyKey::new("order-1042")?;
    outbox.enqueue(&OutboxEmail::new(key.clone(), bed.email("bob@example.com"))).await?;
    let mut message = Queue::default();

    let record = outbox.dispatch(&client, &key).await?;
    match record.progress.due {
        Some(due) => message.deliver_again_at(due), // it waits, or another worker has it
        None => message.acknowledge(),              // it has ended, or is parked
    }

    assert!(message.acknowledged && matches!(record.progress.state, State::Accepted(_)));
    assert!(outbox.dispatch(&client, &key).await?.progress.due.is_none());
    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

mod handler {
    use cakemail::outbox::Outbox;
    use cakemail::webhook::{Received, Rejection};

    pub async fn webhook(outbox: Outbox, Received(delivery): Received) -> Result<(), Rejection> {
        outbox.record(&delivery.event).await.map_err(Rejection::failed)?;
        delivery.done().await
    }
}

#[tokio::test]
async fn webhooks_update_the_emails() -> Result {
    let bed = TestBed::new().await?;
    let (_folder, outbox, client) = open(&bed).await?;
    let key = IdempotencyKey::new("order-1042")?;
    outbox.enqueue(&OutboxEmail::new(key.clone(), bed.email("clicked@example.com"))).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/cakemail", listener.local_addr()?);
    let events = ["Email.Delivered", "Email.Opened", "Email.Clicked"];
    let verifier = Verifier::from(client.webhooks().ensure(&url, events).await?);

    let handle = outbox.clone();

    let receiver = Receiver::new(verifier).store(outbox.delivery_store());
    let route = post(move |received: Received| webhook(outbox.clone(), received));
    let app = Router::new().route("/cakemail", route).with_state(receiver);

    let outbox = handle;
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    outbox.worker(&client).run_until_empty(std::future::pending()).await?;
    bed.sandbox.advance(Duration::from_secs(60)).await;
    let record = outbox.get(&key).await?.ok_or("it is missing")?;
    assert_eq!(record.delivery.ok_or("no event was recorded")?.status, EmailStatus::Clicked);
    server.abort();
    Ok(())
}
