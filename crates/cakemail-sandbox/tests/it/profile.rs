//! Each choice of the profile, with all its values, unless another file tests it.

use cakemail_sandbox::{ListRule, Missing, Profile, Sandbox, Verdict};
use serde_json::{Value, json};

use crate::support::{User, noon, profile, seconds};

async fn with(profile: Profile) -> Sandbox {
    Sandbox::builder().profile(profile).clock(noon()).start().await.unwrap()
}

#[tokio::test]
async fn a_missing_object_is_404_or_400() {
    for (missing_object, status) in [(Missing::NotFound, 404), (Missing::BadRequest, 400)] {
        let sandbox = with(profile(|it| it.missing_object = missing_object)).await;
        let user = User::of(&sandbox).await;
        user.get("/lists/5").await.expect(status);
    }
}

#[tokio::test]
async fn the_lifetimes_of_tokens_and_confirmations_can_be_set() {
    let profile = profile(|it| {
        it.token_lifetime = seconds(3600);
        it.confirmation_lifetime = seconds(24 * 3600);
    });
    let sandbox = with(profile).await;
    let user = User::of(&sandbox).await;
    user.post("/brands/default/senders", json!({"name": "O", "email": "o@example.org"})).await.expect(201);
    sandbox.clock().advance(seconds(3600));
    user.get("/lists").await.expect(401);
    sandbox.clock().advance(seconds(23 * 3600));
    let confirmation = sandbox.mailbox("o@example.org").pop().unwrap().confirmation_id;
    user.post("/brands/default/senders/confirm-email", json!({"confirmation_id": confirmation})).await.expect(400);
}

#[tokio::test]
async fn a_bare_sender_id_is_accepted_or_refused() {
    for (bare_sender_ids, status) in [(true, 201), (false, 422)] {
        let sandbox = with(profile(|it| it.bare_sender_ids = bare_sender_ids)).await;
        let user = User::of(&sandbox).await;
        let mut email = user.email("a@b.co").await;
        let id: i64 = email["sender"]["id"].as_str().unwrap().parse().unwrap();
        email["sender"]["id"] = id.into();
        assert_eq!(user.post("/v2/emails", email).await.status, status);
    }
}

#[tokio::test]
async fn an_email_needs_its_required_fields() {
    // The statuses without a list, and with a substitute for it.
    for (list, none, stand_in) in
        [(ListRule::Required, 400, 400), (ListRule::StandIn, 400, 201), (ListRule::Optional, 201, 201)]
    {
        let sandbox = with(profile(|it| it.list = list)).await;
        let user = User::of(&sandbox).await;
        let mut email = user.email("a@b.co").await;
        email["list_id"] = Value::Null;
        assert_eq!(user.post("/v2/emails", email.clone()).await.status, none, "{list:?}");
        email["without_list_management"] = json!(true);
        assert_eq!(user.post("/v2/emails", email.clone()).await.status, stand_in, "{list:?}");
    }
}

#[tokio::test]
async fn the_encoding_can_be_required() {
    let sandbox = with(profile(|it| it.encoding_required = true)).await;
    let user = User::of(&sandbox).await;
    let mut email = user.email("a@b.co").await;
    assert_eq!(user.post("/v2/emails", email.clone()).await.error_fields(422), ["body.content.encoding"]);
    email["content"]["encoding"] = json!("utf-8");
    user.post("/v2/emails", email).await.expect(201);
}

#[tokio::test]
async fn unsendable_emails_are_rejected_or_refused() {
    let rejecting = profile(|it| {
        it.unconfirmed_sender = Verdict::Rejected;
        it.unauthenticated_domain = Verdict::Rejected;
        it.suppressed_recipient = Verdict::Rejected;
    });
    let refusing = profile(|it| it.suppressed_recipient = Verdict::Refused);
    for (profile, status) in [(rejecting, 201), (refusing, 400)] {
        let sandbox = with(profile).await;
        let user = User::of(&sandbox).await;
        user.post("/suppressed-emails", json!({"email": "s@b.co"})).await.expect(201);
        let suppressed = user.email("s@b.co").await;
        let sender = json!({"name": "O", "email": "o@example.org"});
        let mut unconfirmed = user.email("a@b.co").await;
        unconfirmed["sender"]["id"] = user.post("/brands/default/senders", sender).await.expect(201)["id"].clone();
        let check = async |email: Value| {
            let answer = user.post("/v2/emails", email).await.expect(status);
            assert!(status == 400 || answer["data"]["status"] == "rejected", "{answer}");
        };
        check(suppressed).await;
        check(unconfirmed).await;
        sandbox.set_domains_valid(false);
        check(user.email("a@b.co").await).await;
        let contacts = user.get(&format!("/lists/{}/contacts", user.list().await)).await.expect(200);
        assert_eq!(contacts["data"], json!([]), "a rejected recipient is not added");
    }
}

#[tokio::test]
async fn a_list_policy_can_be_required() {
    let sandbox = with(profile(|it| it.policy_required = true)).await;
    let user = User::of(&sandbox).await;
    let email = user.email("a@b.co").await;
    assert_eq!(user.post("/v2/emails", email.clone()).await.error_fields(400), ["body.list_id"]);
    user.post(&format!("/lists/{}/accept-policy", email["list_id"]), json!({})).await.expect(200);
    user.post("/v2/emails", email).await.expect(201);
}
