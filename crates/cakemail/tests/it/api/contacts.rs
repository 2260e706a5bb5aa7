//! Contacts of a list.

use cakemail::contacts::{ContactPatch, ContactStatus, CreateContactQuery, ListContactsQuery, NewContact};
use cakemail::{ErrorKind, Filter, Patch};

use crate::support::TestBed;

pub async fn contact_lifecycle(bed: &TestBed) {
    let (contacts, list) = (bed.client.contacts(), bed.list().await);
    let new = NewContact::new("ada@example.net").attribute("city", "Lyon");
    let created = contacts.create(list, &new, CreateContactQuery::new()).await.unwrap();
    assert_eq!(created.created, Some(true));
    let id = created.id;

    let patch = ContactPatch::new().email("ada@example.org").interests(["rust"]).tags(["new"]);
    let changed = contacts.update(list, id, &patch).await.unwrap();
    assert_eq!(
        (changed.email.as_str(), &*changed.interests, &*changed.tags),
        ("ada@example.org", &["rust".to_owned()][..], &["new".to_owned()][..],)
    );

    let mut patch = ContactPatch::new();
    patch.interests = Patch::Clear;
    let cleared = contacts.update(list, id, &patch).await.unwrap();
    assert!(cleared.interests.is_empty(), "cleared");
    assert_eq!((cleared.email.as_str(), &*cleared.tags), ("ada@example.org", &["new".to_owned()][..]), "unchanged");

    contacts.tag(list, id, ["vip", "beta"]).await.unwrap();
    contacts.untag(list, id, ["new"]).await.unwrap();
    let contact = contacts.get(list, id).await.unwrap();
    assert_eq!(contact.tags, ["vip", "beta"]);
    assert_eq!(
        (contact.custom_attributes[0].name.as_str(), contact.custom_attributes[0].value.as_str()),
        ("city", "Lyon")
    );

    assert_eq!(contact.status, ContactStatus::Active);
    assert_eq!(contacts.unsubscribe(list, id).await.unwrap().status, ContactStatus::Unsubscribed);
    let again = CreateContactQuery::new().resubscribe(true);
    contacts.create(list, &NewContact::new("ada@example.org"), again).await.unwrap();
    assert_eq!(contacts.get(list, id).await.unwrap().status, ContactStatus::Active);

    contacts.delete(list, id).await.unwrap();
    assert_eq!(contacts.get(list, id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

pub async fn contacts_are_filtered_and_paged(bed: &TestBed) {
    let (contacts, list) = (bed.client.contacts(), bed.list().await);
    for number in 0..5 {
        let new = NewContact::new(format!("person{number}@example.net"));
        contacts.create(list, &new, CreateContactQuery::new()).await.unwrap();
    }
    let filter = Filter::equal("email", "person3@example.net").unwrap();
    let found = contacts.list(list, ListContactsQuery::new().filter(filter)).all().await.unwrap();
    assert_eq!(found.len(), 1);

    // Two per page, each with the cursor of the previous page.
    let all = contacts.list(list, ListContactsQuery::new().per_page(2).sort("-email")).all().await.unwrap();
    let emails: Vec<_> = all.iter().map(|contact| &*contact.email).collect();
    assert_eq!(emails, (0..5).rev().map(|number| format!("person{number}@example.net")).collect::<Vec<_>>());
    assert_eq!(bed.request_count("listContactsOfList"), 1 + 3);
}
