//! Keys, bodies and addresses are never printed.

use cakemail_webhook::{Verifier, sign};

use crate::{key, opened, receiver};

#[tokio::test]
async fn debug_and_display_hide_keys_signatures_and_personal_data() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    let delivery = receiver().receive([("x-signature", &signature)], body.as_bytes()).await.unwrap();
    let verifier = Verifier::new(key());
    let rejection = receiver().receive([("x-signature", "ada@example.com")], body.as_bytes()).await.unwrap_err();
    let garbage = format!("{{\"event\": [\"{body}\"]}}");
    let unparsed = receiver().receive([("x-signature", sign(&key(), garbage.as_bytes()))], garbage.as_bytes()).await;
    let printed = [
        format!("{verifier:?} {verifier:#?}"),
        format!("{:?} {:#?}", receiver(), receiver()),
        format!("{delivery:?} {delivery:#?}"),
        format!("{rejection:?} {rejection} {unparsed:?}"),
    ];
    for printed in printed {
        for hidden in [key().expose(), &signature, "ada@example.com", "3fbfa67e", "auth\""] {
            assert!(!printed.contains(hidden), "{hidden} in {printed}");
        }
    }
}

#[tokio::test]
async fn debug_of_an_event_shows_its_kind_time_and_field_names() {
    let body = opened(0);
    let delivery = receiver().receive([("x-signature", sign(&key(), body.as_bytes()))], body.as_bytes()).await.unwrap();
    let printed = format!("{:?}", delivery.event);
    for expected in ["Email.Opened", "2027-01-15T08:00:00Z", r#"["email", "email_id", "tags"]"#] {
        assert!(printed.contains(expected), "{expected} in {printed}");
    }
}
