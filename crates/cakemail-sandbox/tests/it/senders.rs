//! Senders and their confirmation.

use serde_json::json;

use crate::support::{User, frozen, seconds};

#[tokio::test]
async fn a_sender_is_confirmed_by_its_link() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let own = json!({"name": "Me", "email": "Sandbox@Example.com"});
    let own = user.post("/brands/default/senders", own).await.expect(201);
    assert_eq!((&own["data"]["confirmed"], &own["data"]["confirmed_on"]), (&json!(true), &json!(1_767_268_800)));
    assert!(sandbox.mailbox("sandbox@example.com").is_empty());

    let other = json!({"name": "Other", "email": "other@example.org", "language": "fr_CA"});
    let other = user.post("/brands/default/senders", other).await.expect(201);
    assert_eq!((&other["data"]["confirmed"], &other["data"]["language"]), (&json!(false), &json!("fr_CA")));
    let mail = sandbox.mailbox("OTHER@example.org").pop().unwrap();
    assert!(mail.text.contains(&mail.link) && mail.link.contains(&mail.confirmation_id));
    assert!(!format!("{mail:?}").contains(&mail.confirmation_id));

    let nobody = User { sandbox: &sandbox, token: String::new() };
    let box_of = "/_sandbox/mailbox?address=other%40example.org";
    assert_eq!(nobody.get(box_of).await.expect(200)["data"][0]["link"], mail.link);
    assert_eq!(nobody.get("/_sandbox/mailbox").await.error_fields(422), ["query.address"]);
    let confirm = "/brands/default/senders/confirm-email";
    assert_eq!(nobody.post(confirm, json!({"confirmation_id": "x"})).await.error_fields(400), ["body.confirmation_id"]);
    let confirmed = nobody.post(confirm, json!({"confirmation_id": mail.confirmation_id})).await.expect(200);
    assert_eq!((&confirmed["confirmed"], &confirmed["data"]["id"]), (&json!(true), &other["id"]));
    nobody.post(confirm, json!({"confirmation_id": mail.confirmation_id})).await.expect(200);
    let path = format!("/brands/default/senders/{}/resend-confirmation-email", other["id"].as_str().unwrap());
    assert_eq!(user.post(&path, json!({})).await.error_fields(400), ["path.sender_id"]);
}

#[tokio::test]
async fn a_confirmation_link_expires_and_can_be_sent_again() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let sender = user.post("/brands/default/senders", json!({"name": "O", "email": "o@example.org"})).await.expect(201);
    let path = |mail: &cakemail_sandbox::Mail| mail.link.strip_prefix(sandbox.url()).unwrap().to_owned();
    sandbox.clock().advance(seconds(48 * 3600));
    let late = user.get(&path(&sandbox.mailbox("o@example.org")[0])).await.expect(400);
    assert!(late["detail"][0]["msg"].as_str().unwrap().contains("expired"), "{late}");

    let one = format!("/brands/default/senders/{}", sender["id"].as_str().unwrap());
    user.post(&format!("{one}/resend-confirmation-email"), json!({})).await.expect(200);
    let resent = sandbox.mailbox("o@example.org").pop().unwrap();
    assert_eq!(user.get(&path(&resent)).await.status, 200);
    assert_eq!(user.get(&one).await.expect(200)["data"]["confirmed"], true);
    let logged = sandbox.requests();
    assert!(logged.iter().all(|it| !it.path.contains(&resent.confirmation_id)), "{logged:?}");
}

#[tokio::test]
async fn a_sender_can_change_everything_except_its_address() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let path = format!("/brands/default/senders/{}", user.sender().await);
    let patched =
        user.patch(&path, json!({"name": "New", "language": "de", "email": "new@example.org"})).await.expect(200);
    let data = &patched["data"];
    assert_eq!((&data["name"], &data["language"]), (&json!("New"), &json!("de")));
    assert_eq!(data["email"], "sandbox@example.com");
    assert_eq!(user.patch(&path, json!({"language": "xx"})).await.error_fields(422), ["body.language"]);
    user.delete(&path).await.expect(200);
    assert_eq!(user.get(&path).await.expect(404)["detail"][0]["type"], "not_found");
}

#[tokio::test]
async fn a_name_that_is_not_one_line_is_refused() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let sender = format!("/brands/default/senders/{}", user.sender().await);
    for name in ["a\r\nBcc: x@example.com", "a\0", "a\tb", "a\u{2028}b"] {
        let new = json!({"name": name, "email": "o@example.org"});
        assert_eq!(user.post("/brands/default/senders", new).await.error_fields(422), ["body.name"]);
        assert_eq!(user.patch(&sender, json!({"name": name})).await.error_fields(422), ["body.name"]);
        let list = json!({"name": name, "default_sender": {"id": "1"}});
        assert_eq!(user.post("/lists", list).await.error_fields(422), ["body.name"]);
    }
}
