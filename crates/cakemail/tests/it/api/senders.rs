//! Senders.

use cakemail::ErrorKind;
use cakemail::senders::{ListSendersQuery, NewSender, SenderPatch};

use crate::support::TestBed;

pub async fn own_address_is_confirmed_at_once(bed: &TestBed) {
    let sender = bed.client.senders().create(&NewSender::new("Ada", bed.sandbox.email())).await.unwrap();
    assert!(sender.confirmed);
    assert_eq!(sender.confirmed_on, Some(bed.now()));
    assert!(bed.sandbox.mailbox(bed.sandbox.email()).is_empty());
}

pub async fn other_address_is_confirmed_by_email(bed: &TestBed) {
    let senders = bed.client.senders();
    let sender = senders.create(&NewSender::new("Bob", "bob@example.org")).await.unwrap();
    assert!(!sender.confirmed);
    senders.resend_confirmation(&sender.id).await.unwrap();

    let mails = bed.sandbox.mailbox("bob@example.org");
    assert_eq!(mails.len(), 2);
    let confirmed = senders.confirm(mails[1].confirmation_id.as_str()).await.unwrap();
    assert!(confirmed.confirmed && confirmed.id == sender.id);
    assert!(senders.get(&sender.id).await.unwrap().confirmed);

    let error = senders.confirm("another").await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_str()), (ErrorKind::BadRequest, "confirmation_id"));
}

pub async fn sender_is_updated_and_deleted(bed: &TestBed) {
    let senders = bed.client.senders();
    let id = bed.sender().await;
    assert_eq!(senders.update(&id, &SenderPatch::new().name("Ada L.")).await.unwrap().name, "Ada L.");
    let listed = senders.list(ListSendersQuery::new().sort("-name")).all().await.unwrap();
    assert_eq!(listed[0].name, "Ada L.");
    senders.delete(&id).await.unwrap();
    assert!(senders.list(ListSendersQuery::new()).all().await.unwrap().is_empty());
}
