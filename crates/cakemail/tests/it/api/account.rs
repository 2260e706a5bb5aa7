//! Resources of the account: webhooks, domains, DKIM keys, the user and the account itself.

use cakemail::dkim::NewDkimKey;
use cakemail::domains::{DomainsPatch, NewDomains};
use cakemail::webhooks::{
    ListWebhooksQuery, NewWebhook, RateLimitPeriod, SubscribableEvent, WebhookEvent, WebhookHash, WebhookPatch,
    WebhookStatus,
};

use crate::support::TestBed;

pub async fn webhook_lifecycle(bed: &TestBed) {
    let webhooks = bed.client.webhooks();
    let new = NewWebhook::new(SubscribableEvent::EmailBounced, "https://example.com/hook").rate_limit(10);
    let created = webhooks.create(&new).await.unwrap();
    assert_eq!(created.event, Some(WebhookEvent::EmailBounced));
    assert_eq!(created.rate_limit, Some(10));
    let id = created.id.unwrap();

    let webhook = webhooks.get(&id).await.unwrap();
    assert_eq!(webhook.signature.hash_function, WebhookHash::Sha256);
    assert!(!webhook.signature.key.unwrap().expose().is_empty());

    let patch = WebhookPatch::new().url("https://example.com/other").rate_limit_period(RateLimitPeriod::Minute);
    let changed = webhooks.update(&id, &patch).await.unwrap();
    assert_eq!(changed.url.as_deref(), Some("https://example.com/other"));
    assert_eq!((changed.rate_limit, changed.rate_limit_period), (Some(10), Some(RateLimitPeriod::Minute)));

    assert_eq!(webhooks.archive(&id).await.unwrap().status, Some(WebhookStatus::Archived));
    assert!(webhooks.list(ListWebhooksQuery::new()).all().await.unwrap().is_empty());
    let archived = webhooks.list(ListWebhooksQuery::new().with_archived(true)).all().await.unwrap();
    assert_eq!(archived[0].id.as_ref(), Some(&id));
    assert!(archived[0].archived_at.is_some());
    assert_eq!(webhooks.unarchive(&id).await.unwrap().status, Some(WebhookStatus::Active));
}

pub async fn domains_are_updated_and_validated(bed: &TestBed) {
    let domains = bed.client.domains();
    let before = domains.get().await.unwrap();
    assert_eq!(before.auth, "example.com");
    let after = domains.update(&DomainsPatch::new(NewDomains::new().bounce("bounces.example.com"))).await.unwrap();
    assert_eq!(after.bounce, "bounces.example.com");
    assert_eq!(after.tracking, before.tracking);

    assert!(domains.validate().await.unwrap().bounce.iter().all(|record| record.valid));
    bed.sandbox.set_domains_valid(false);
    let checked = domains.validate().await.unwrap();
    assert!(checked.bounce.iter().chain(&checked.tracking).all(|record| !record.valid && !record.entry.is_empty()));
}

pub async fn dkim_key_lifecycle(bed: &TestBed) {
    let dkim = bed.client.dkim();
    let created = dkim.create(&NewDkimKey::new("example.com").selector("spring")).await.unwrap();
    assert_eq!((created.domain.as_str(), created.selector.as_str()), ("example.com", "spring"));
    let key = dkim.get(created.id).await.unwrap();
    assert_eq!(key.public_key, created.public_key);
    assert_eq!(dkim.list().await.unwrap(), [key]);
    dkim.delete(created.id).await.unwrap();
    assert!(dkim.list().await.unwrap().is_empty());
}

pub async fn own_user_and_account(bed: &TestBed) {
    let user = bed.client.users().me().await.unwrap();
    assert_eq!(user.email, bed.sandbox.email());
    let account = bed.client.accounts().me().await.unwrap();
    assert_eq!(account.account_owner.user_id, Some(user.id));
    assert_eq!(account.usage_limits.use_email_api, Some(true));
}
