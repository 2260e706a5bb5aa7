//! Nothing prints a key, a body or an address.

use cakemail_webhook::{NotReceived, Rejection, Verifier, sign};

use crate::{key, opened, receiver};

#[test]
fn nothing_prints_what_it_should_not() {
    let body = opened(0);
    let signature = sign(&key(), body.as_bytes());
    let delivery = receiver().receive([("x-signature", &signature)], body.as_bytes()).unwrap();
    let verifier = Verifier::new(key());
    let rejection = receiver().receive([("x-signature", "ada@example.com")], body.as_bytes()).unwrap_err();
    let garbage = format!("{{\"event\": [\"{body}\"]}}");
    let unread = receiver().receive([("x-signature", sign(&key(), garbage.as_bytes()))], garbage.as_bytes());
    let printed = [
        format!("{verifier:?} {verifier:#?}"),
        format!("{:?} {:#?}", receiver(), receiver()),
        format!("{delivery:?} {delivery:#?}"),
        format!("{rejection:?} {rejection} {unread:?}"),
        format!("{:?} {}", NotReceived::from(Rejection::NotAnEvent), NotReceived::Before),
    ];
    for printed in printed {
        for hidden in [key().expose(), &signature, "ada@example.com", "3fbfa67e", "auth\""] {
            assert!(!printed.contains(hidden), "{hidden} in {printed}");
        }
    }
}

#[test]
fn an_event_says_enough_to_be_found() {
    let body = opened(0);
    let delivery = receiver().receive([("x-signature", sign(&key(), body.as_bytes()))], body.as_bytes()).unwrap();
    let printed = format!("{:?}", delivery.event);
    for shown in ["Email.Opened", "2027-01-15T08:00:00Z", r#"["email", "email_id", "tags"]"#] {
        assert!(printed.contains(shown), "{shown} in {printed}");
    }
}
