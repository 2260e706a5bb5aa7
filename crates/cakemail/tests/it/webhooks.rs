//! Webhooks end to end: a URL is subscribed to events, and a server with axum processes each event once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use cakemail::sandbox::{DeliveryState, Effect, Fault, Match, Phase, Sandbox, WebhookFaults};
use cakemail::webhook::{Received, Receiver, Rejection, Verifier};
use cakemail::webhooks::{ListWebhooksQuery, NewWebhook, Webhook};
use cakemail::{Outcome, WebhookId};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::TestBed;

const URL: &str = "http://127.0.0.1:9/hook";
const EVENTS: [&str; 4] = ["Email.Submitted", "Email.Delivered", "Email.Opened", "Email.Clicked"];

/// An application that processes events, and fails at the first of each kind if it is told to.
#[derive(Clone)]
struct App {
    receiver: Receiver,
    processed: Arc<Mutex<Vec<String>>>,
    failures: Arc<Mutex<HashSet<String>>>,
}

impl FromRef<App> for Receiver {
    fn from_ref(app: &App) -> Self {
        app.receiver.clone()
    }
}

async fn process(State(app): State<App>, Received(delivery): Received) -> Result<(), Rejection> {
    let kind = delivery.event.kind.to_string();
    if app.failures.lock().unwrap().remove(&kind) {
        return Err(Rejection::failed("no disk"));
    }
    app.processed.lock().unwrap().push(kind);
    delivery.done().await
}

/// Serves the application until the set is dropped.
fn serve(listener: TcpListener, sandbox: &Sandbox, verifier: Verifier) -> (App, JoinSet<()>) {
    let clock = sandbox.clock().clone();
    let receiver = Receiver::new(verifier).clock(move || clock.now().into());
    let app = App { receiver, processed: Arc::default(), failures: Arc::default() };
    let routes = Router::new().route("/hook", post(process)).with_state(app.clone());
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (app, server)
}

struct Scenario {
    name: &'static str,
    faults: fn(&mut WebhookFaults),
    /// Whether the application fails at the first delivery of each event.
    failing: bool,
    processed: bool,
}

const SCENARIOS: [Scenario; 6] = [
    Scenario { name: "no faults", faults: |_| {}, failing: false, processed: true },
    Scenario { name: "duplicates", faults: |it| it.duplicate = true, failing: false, processed: true },
    Scenario { name: "a failing application", faults: |_| {}, failing: true, processed: true },
    Scenario {
        name: "duplicates, delays and another order, with a failing application",
        faults: |it| {
            it.duplicate = true;
            it.reorder = true;
            it.delay = Duration::from_secs(3600);
        },
        failing: true,
        processed: true,
    },
    Scenario {
        name: "later than the window",
        faults: |it| it.delay = Duration::from_secs(25 * 3600),
        failing: false,
        processed: false,
    },
    Scenario { name: "wrong signatures", faults: |it| it.tamper = true, failing: false, processed: false },
];

#[tokio::test]
async fn each_event_is_processed_once_in_every_webhook_fault() {
    for scenario in SCENARIOS {
        let bed = TestBed::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let verifier = bed.client.webhooks().ensure(&url, EVENTS).await.unwrap().into();
        let (app, _server) = serve(listener, &bed.sandbox, verifier);
        if scenario.failing {
            app.failures.lock().unwrap().extend(EVENTS.map(str::to_owned));
        }
        let mut faults = WebhookFaults::default();
        (scenario.faults)(&mut faults);
        bed.sandbox.webhook_faults(faults);

        bed.send("clicked@example.com").await;
        bed.sandbox.advance(Duration::from_secs(48 * 3600)).await;
        let mut processed = app.processed.lock().unwrap().clone();
        processed.sort();
        let mut expected = if scenario.processed { EVENTS.to_vec() } else { Vec::new() };
        expected.sort();
        assert_eq!(processed, expected, "{}", scenario.name);
        let delivered = |state| state == DeliveryState::Delivered;
        let states: HashSet<_> = bed.sandbox.deliveries().into_iter().map(|it| delivered(it.state)).collect();
        assert_eq!(states, HashSet::from([scenario.processed]), "{}: the sender knows", scenario.name);
    }
}

impl TestBed {
    async fn ensure(&self, events: &[&str]) -> Vec<WebhookId> {
        let webhooks = self.client.webhooks().ensure(URL, events.iter().copied()).await.unwrap();
        webhooks.into_iter().map(|it| it.id).collect()
    }

    async fn all_webhooks(&self) -> Vec<Webhook> {
        self.client.webhooks().list(ListWebhooksQuery::new().with_archived(true)).all().await.unwrap()
    }

    /// Loses the response to the creation of a webhook, after or before the sandbox has created it.
    fn lose_creation(&self, phase: Phase) {
        self.sandbox.fault(Fault::on(Match::operation("createWebhook").nth(1)).at(phase).effect(Effect::Reset));
    }
}

#[tokio::test]
async fn ensuring_again_changes_nothing_and_returns_the_same_webhooks() {
    let bed = TestBed::new().await;
    let first = bed.ensure(&["Email.Bounced", "Email.Clicked", "Email.Bounced"]).await;
    assert_eq!(first.len(), 2, "an event named twice has one webhook");
    let before = bed.all_webhooks().await;
    let again = bed.ensure(&["Email.Clicked", "Email.Bounced"]).await;
    assert_eq!(again.iter().collect::<HashSet<_>>(), first.iter().collect());
    let more = bed.ensure(&["Email.Clicked", "Email.Opened"]).await;
    assert_eq!((more.len(), bed.ensure(&[]).await.len()), (2, 0));
    assert_eq!(bed.all_webhooks().await[..2], before);
    assert_eq!(bed.request_count("createWebhook"), 3);
    assert_eq!(bed.request_count("patchWebhook") + bed.request_count("archiveWebhook"), 0);
}

#[tokio::test]
async fn an_archived_webhook_is_restored_and_others_are_not_touched() {
    let bed = TestBed::new().await;
    let webhooks = bed.client.webhooks();
    let mut ids = Vec::new();
    for (event, url) in [("Email.Bounced", URL), ("Email.Opened", URL), ("Email.Bounced", "http://127.0.0.1:9/other")] {
        let id = webhooks.create(&NewWebhook::new(event, url)).await.unwrap().id.unwrap();
        webhooks.archive(&id).await.unwrap();
        ids.push(id);
    }
    assert_eq!(bed.ensure(&["Email.Bounced"]).await, ids[..1]);
    let archived: Vec<_> = bed.all_webhooks().await.iter().map(|it| it.archived_at.is_some()).collect();
    assert_eq!(archived, [false, true, true]);
}

#[tokio::test]
async fn an_equivalent_url_of_a_webhook_is_recognized() {
    let bed = TestBed::new().await;
    let webhook = NewWebhook::new("Email.Bounced", "http://LOCALHOST:9/");
    let id = bed.client.webhooks().create(&webhook).await.unwrap().id.unwrap();
    for (url, count) in [("http://localhost:9", 1), ("http://localhost:9/a", 2), ("http://localhost:9/A", 3)] {
        let ensured = bed.client.webhooks().ensure(url, ["Email.Bounced"]).await.unwrap();
        assert_eq!((ensured[0].id == id, bed.all_webhooks().await.len()), (count == 1, count), "{url}");
    }
}

#[tokio::test]
async fn a_webhook_whose_creation_lost_its_response_is_found_and_not_created_again() {
    let bed = TestBed::new().await;
    bed.lose_creation(Phase::Committed);
    let ids = bed.ensure(&["Email.Bounced"]).await;
    assert_eq!((ids.len(), bed.all_webhooks().await.len()), (1, 1));
    assert_eq!(bed.request_count("createWebhook"), 1);
}

#[tokio::test]
async fn an_uncertain_creation_is_an_unknown_outcome_and_the_next_call_finds_out() {
    let bed = TestBed::new().await;
    bed.lose_creation(Phase::Handler);
    let error = bed.client.webhooks().ensure(URL, ["Email.Bounced"]).await.unwrap_err();
    assert_eq!((error.outcome(), error.operation()), (Outcome::Unknown, Some("createWebhook")));
    assert_eq!(bed.ensure(&["Email.Bounced"]).await.len(), 1);
    assert_eq!(bed.all_webhooks().await.len(), 1);
}

#[tokio::test]
async fn simultaneous_first_calls_lose_no_event_and_the_next_call_has_every_key() {
    let bed = TestBed::new().await;
    let events = ["Email.Bounced"];
    let (one, other) = tokio::join!(bed.ensure(&events), bed.ensure(&events));
    let all: HashSet<_> = bed.all_webhooks().await.into_iter().filter_map(|it| it.id).collect();
    assert!(one.iter().chain(&other).all(|id| all.contains(id)) && !one.is_empty() && !other.is_empty());
    assert!(bed.all_webhooks().await.iter().all(|it| it.archived_at.is_none()));
    assert_eq!(bed.ensure(&events).await.into_iter().collect::<HashSet<_>>(), all);
}

#[tokio::test]
async fn an_event_of_two_webhooks_is_processed_once() {
    let bed = TestBed::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    for _ in 0..2 {
        bed.client.webhooks().create(&NewWebhook::new("Email.Delivered", &url)).await.unwrap();
    }
    let webhooks = bed.client.webhooks().ensure(&url, ["Email.Delivered"]).await.unwrap();
    assert_eq!(webhooks.len(), 2);
    let (app, _server) = serve(listener, &bed.sandbox, webhooks.into());
    bed.send("ada@example.com").await;
    bed.sandbox.advance(Duration::from_secs(60)).await;
    assert_eq!(*app.processed.lock().unwrap(), ["Email.Delivered"]);
    assert_eq!(bed.sandbox.deliveries().len(), 2);
}
