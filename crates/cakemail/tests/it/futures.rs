//! The futures of calls are `Send`, and that of a send is small.

use std::time::Duration;

use cakemail::contacts::{ContactPatch, CreateContactQuery, ListContactsQuery, NewContact};
use cakemail::dkim::NewDkimKey;
use cakemail::domains::{DomainsPatch, NewDomains};
use cakemail::emails::RenderEmailQuery;
use cakemail::lists::{DefaultSender, ListPatch, NewList};
use cakemail::senders::{NewSender, SenderPatch};
use cakemail::tokens::{ChallengeResponse, TokenRefresh, TokenRequest};
use cakemail::users::GetSelfUser;
use cakemail::webhooks::{NewWebhook, SubscribableEvent, WebhookPatch};
use cakemail::{
    BulkOptions, Client, ContactId, Content, Credentials, DkimKeyId, ErrorKind, IdempotencyKey, ListId, Listing,
    Milestone, NewEmail, Preflight, ReconcilePolicy, ReplayTransport,
};

#[test]
fn client_error_builder_and_listing_are_send() {
    fn assert_shared<T: Clone + Send + Sync + 'static>() {}
    fn assert_send<T: Send + 'static>() {}
    assert_shared::<Client>();
    assert_shared::<cakemail::Error>();
    assert_send::<cakemail::ClientBuilder>();
    assert_send::<Listing<cakemail::logs::EmailLog>>();
}

/// A client whose transport has no response for any call.
fn client() -> Client {
    let credentials = Credentials::access_token("any");
    Client::builder().credentials(credentials).transport(ReplayTransport::new()).build().unwrap()
}

fn email() -> NewEmail {
    NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Hi", "Hello."))
}

/// Spawns each call, which requires that its future is `Send`.
macro_rules! spawn {
    ($($group:ident: { $($call:ident($($argument:expr),*)),+ $(,)? })+) => {$($({
        let client = client();
        let spawned = tokio::spawn(async move { client.$group().$call($($argument),*).await.map(drop) });
        let error = spawned.await.unwrap().unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Configuration),
            "{}.{}: {error}", stringify!($group), stringify!($call)
        );
    })+)+};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_can_be_spawned() {
    const LIST: ListId = ListId::new(1);
    const CONTACT: ContactId = ContactId::new(1);
    let second = Duration::from_secs(1);
    spawn! {
        accounts: { me() }
        contacts: {
            get(LIST, CONTACT),
            create(LIST, &NewContact::new("a@b.c"), CreateContactQuery::new()),
            update(LIST, CONTACT, &ContactPatch::new()),
            delete(LIST, CONTACT),
            unsubscribe(LIST, CONTACT),
            tag(LIST, CONTACT, ["vip"]),
            untag(LIST, CONTACT, ["vip"]),
        }
        dkim: {
            list(), get(DkimKeyId::new(1)), create(&NewDkimKey::new("b.c")), delete(DkimKeyId::new(1)),
        }
        domains: { get(), update(&DomainsPatch::new(NewDomains::new())), validate() }
        emails: {
            send(&email()),
            send_idempotent(&email(), &IdempotencyKey::random(), &ReconcilePolicy::new()),
            get(&"e1".into()),
            render(&"e1".into(), RenderEmailQuery::new()),
            wait_for(&"e1".into(), Milestone::Opened, second),
        }
        lists: {
            get(LIST),
            create(&NewList::new("News", DefaultSender::new("7"))),
            update(LIST, &ListPatch::new()),
            delete(LIST),
            archive(LIST),
            accept_policy(LIST),
        }
        logs: { page(Default::default()) }
        reports: { emails(Default::default()) }
        senders: {
            get(&"7".into()),
            create(&NewSender::new("Ada", "a@b.c")),
            update(&"7".into(), &SenderPatch::new()),
            delete(&"7".into()),
            confirm("c1"),
            resend_confirmation(&"7".into()),
        }
        suppressions: { add("a@b.c"), remove("a@b.c") }
        tokens: {
            create(&TokenRequest::new()), refresh(&TokenRefresh::new("r")), answer(&ChallengeResponse::new("c", "1")),
        }
        users: { me() }
        webhooks: {
            get(&"w1".into()),
            create(&NewWebhook::new(SubscribableEvent::EmailBounced, "https://b.c")),
            update(&"w1".into(), &WebhookPatch::new()),
            archive(&"w1".into()),
            unarchive(&"w1".into()),
        }
    }

    let client = client();
    tokio::spawn(async move {
        let mut results = client.emails().send_all(futures_util::stream::iter([(1, email())]), BulkOptions::new());
        assert!(results.next().await.unwrap().1.is_err());
        assert!(!client.preflight(&Preflight::new("7", LIST)).await.checks.is_empty());
        client.authenticate().await.unwrap();
        assert!(client.execute(&GetSelfUser {}).await.is_err());
        assert!(client.execute_raw(&GetSelfUser {}).await.is_err());
        assert!(client.senders().list(Default::default()).next().await.unwrap().is_err());
        assert!(client.lists().list(Default::default()).all().await.is_err());
        assert!(client.contacts().list(LIST, ListContactsQuery::new()).all().await.is_err());
        assert!(client.logs().list(Default::default()).all().await.is_err());
        assert!(client.logs().summaries(Default::default()).all().await.is_err());
        assert!(client.tags().list(Default::default()).all().await.is_err());
        assert!(client.suppressions().list(Default::default()).all().await.is_err());
        assert!(client.webhooks().list(Default::default()).all().await.is_err());
    })
    .await
    .unwrap();
}

#[test]
fn the_future_of_a_send_has_4_kib_at_most() {
    let (client, email) = (client(), email());
    let emails = client.emails();
    let size = size_of_val(&emails.send(&email));
    println!("the future of a send: {size} bytes");
    assert!(size <= 4096, "{size} bytes");
}
