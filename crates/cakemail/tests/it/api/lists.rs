//! Contact lists.

use cakemail::lists::{DefaultSender, ListListsQuery, ListPatch, NewList};
use cakemail::shared::Language;
use cakemail::{ErrorKind, Filter};

use crate::support::TestBed;

pub async fn list_lifecycle(bed: &TestBed) {
    let lists = bed.client.lists();
    let sender = bed.sender().await;
    let created = lists.create(&NewList::new("News", DefaultSender::new(sender))).await.unwrap();
    assert_eq!((created.name.as_str(), created.status.as_str()), ("News", "active"));

    let patch = ListPatch::new().name("Newer").language(Language::FrCa);
    let changed = lists.update(created.id, &patch).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.language.as_str()), ("Newer", "fr_CA"));

    lists.accept_policy(created.id).await.unwrap();
    assert!(lists.get(created.id).await.unwrap().policy_accepted);

    let named = ListListsQuery::new().filter(Filter::equal("name", "Newer").unwrap());
    assert_eq!(lists.list(named).all().await.unwrap().len(), 1);

    lists.archive(created.id).await.unwrap();
    assert_eq!(lists.get(created.id).await.unwrap().status, "archived");
    lists.delete(created.id).await.unwrap();
    assert_eq!(lists.get(created.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}
