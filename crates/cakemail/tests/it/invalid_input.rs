//! Invalid input: the error names the field, and an email that the client refuses is not sent.

use cakemail::emails::{SubmitEmail, TemplateRef};
use cakemail::senders::NewSender;
use cakemail::transport::http::StatusCode;
use cakemail::{Attachment, Client, Content, Credentials, Error, ErrorKind, ListId, NewEmail, Outcome};

use crate::support::{TRANSPORTS, TestBed, retry_immediately};

/// The names of the fields in an error.
fn fields(error: &Error) -> Vec<&str> {
    error.fields().iter().map(|error| error.field.as_str()).collect()
}

fn email() -> NewEmail {
    NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Welcome", "Hello."))
}

/// Checks that the client refuses an email without sending it.
async fn assert_refused_by_client(email: NewEmail, field: &str, message: &str) {
    let bed = TestBed::new().await;
    let error = bed.client.emails().send(&email).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "submitEmail: not sent: the email is invalid: {field}: {message}. Correct these fields and send it again"
        )
    );
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Invalid, Outcome::NotDone, 0));
    assert_eq!((fields(&error), error.status()), (vec![field], None));
    assert!(bed.sandbox.requests().is_empty(), "a request was sent");
}

#[tokio::test]
async fn an_invalid_address() {
    for address in ["ada", "ada@", "@example.com", "Ada <ada@example.com>", "a da@example.com", "ada@localhost"] {
        let email = email().email(address);
        let error = TestBed::new().await.client.emails().send(&email).await.unwrap_err();
        assert_eq!((error.kind(), fields(&error)), (ErrorKind::Invalid, vec!["email"]), "{address}");
        let text = error.to_string();
        assert!(text.contains("is not an email address") && !text.contains(address), "{text}");
    }
    let mut nobody = email();
    nobody.email = None;
    assert_refused_by_client(nobody, "email", "is missing: give the recipient's address").await;
}

#[tokio::test]
async fn an_invalid_tag() {
    let message = "is not a tag: use letters, digits, `-` and `_`";
    assert_refused_by_client(email().tag("fine").tag("not fine"), "tags[1]", message).await;
    assert_refused_by_client(email().tag(""), "tags[0]", "is empty: a tag has 1 to 255 characters").await;
    assert_refused_by_client(email().tag("x".repeat(256)), "tags[0]", "is too long: a tag has 1 to 255 characters")
        .await;
}

#[tokio::test]
async fn an_invalid_attachment() {
    let error = Attachment::from_bytes("run me.exe", "MZ").unwrap_err();
    assert_eq!(
        error.to_string(),
        "attachment.filename: has an extension that the API does not accept: use csv, doc, docx, ics, jpeg, pdf, png, xls or \
         xlsx"
    );
    let error = Attachment::from_path("/nowhere/plan.pdf").unwrap_err();
    assert_eq!(error.to_string(), "the attachment cannot be read");

    let mut attachment = Attachment::from_bytes("plan.pdf", "x").unwrap();
    attachment.filename = "my plan.pdf".into();
    let message = "has a character that the API does not accept: use letters, digits, `-` and `_` before the extension";
    assert_refused_by_client(email().attach(attachment.clone()), "attachment[0].filename", message).await;
    attachment.filename = "plan.pdf".into();
    attachment.content = "not base64".into();
    let message = "is not base64: create the attachment with `from_bytes` or `from_path`";
    assert_refused_by_client(email().attach(attachment), "attachment[0].content", message).await;
}

#[tokio::test]
async fn a_missing_or_ambiguous_body() {
    let mut neither = email();
    neither.content.text = None;
    let message = "has no body: give `html`, `text` or both, or a `template`";
    assert_refused_by_client(neither, "content", message).await;

    let mut both = email();
    both.content.template = Some(TemplateRef::new(5));
    let message = "is set together with `html` or `text`: give a template or a body, not both";
    assert_refused_by_client(both, "content.template", message).await;

    let mut nameless = email();
    nameless.content.subject = " ".into();
    assert_refused_by_client(nameless, "content.subject", "is empty: give the email a subject").await;
}

#[tokio::test]
async fn a_missing_list() {
    let mut nowhere = email();
    nowhere.list_id = None;
    assert_refused_by_client(nowhere, "list_id", "is missing: give a list's id, from `lists().list()`").await;
}

#[tokio::test]
async fn all_invalid_fields_are_reported_at_once() {
    let mut wrong =
        email().email("ada").tag("a b").header("Bcc", "eve@example.com").header("X", "a\r\nb").attribute("", "x");
    wrong.content.text = Some(String::new());
    let error = TestBed::new().await.client.emails().send(&wrong).await.unwrap_err();
    assert_eq!(
        fields(&error),
        [
            "email",
            "content.text",
            "content.custom_attributes[0].name",
            "tags[0]",
            "additional_headers[0].name",
            "additional_headers[1].value",
        ]
    );
}

/// `execute` does not validate the email.
#[tokio::test]
async fn the_server_reports_each_invalid_field() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let wrong = email().email("ada").tag("a b");
        let error = bed.client.execute(&SubmitEmail { body: &wrong }).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::BadRequest, Some(StatusCode::UNPROCESSABLE_ENTITY)));
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotDone, 1));
        let mut named = fields(&error);
        named.sort_unstable();
        assert_eq!(named, ["email", "tags[0]"]);
        let text = error.to_string();
        assert!(text.starts_with("submitEmail: the server rejected the request (422): "), "{text}");
        assert!(text.ends_with(". Correct these fields and send it again"), "{text}");
        assert!(bed.sandbox.emails().is_empty());
    }
}

/// Checks that the server refuses the email with a 400 about one field; returns the message.
async fn refused_by_server(bed: &TestBed, email: &NewEmail, field: &str) -> String {
    let error = bed.client.emails().send(email).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::BadRequest, Some(StatusCode::BAD_REQUEST)));
    assert_eq!((error.outcome(), error.attempts(), fields(&error)), (Outcome::NotDone, 1, vec![field]));
    assert!(bed.sandbox.emails().is_empty(), "the email was accepted");
    error.to_string()
}

#[tokio::test]
async fn an_unknown_list() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let email = bed.email("ada@example.com").await.list_id(ListId::new(99));
        let text = refused_by_server(&bed, &email, "list_id").await;
        assert!(text.contains("List 99 not found"), "{text}");
        assert!(
            text.ends_with("List the available lists with `lists().list()`, and check that this one was not deleted"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_unusable_sender() {
    const HINT: &str = "Check with `senders().list()` that the sender exists and is confirmed, and that its domain is \
                        authenticated with SPF and DKIM records";
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let mut email = bed.email("ada@example.com").await;
        let confirmed = email.sender.id.clone();
        email.sender.id = "99".into();
        let text = refused_by_server(&bed, &email, "sender.id").await;
        assert!(text.contains("sender 99 not found") && text.ends_with(HINT), "{text}");

        let new = NewSender::new("Bob", "bob@example.org");
        email.sender.id = bed.client.senders().create(&new).await.unwrap().id;
        let text = refused_by_server(&bed, &email, "sender.id").await;
        assert!(text.contains("is not confirmed") && text.ends_with(HINT), "{text}");

        email.sender.id = confirmed;
        bed.sandbox.set_domains_valid(false);
        let text = refused_by_server(&bed, &email, "sender.id").await;
        assert!(text.contains("must be authenticated with SPF/DKIM records") && text.ends_with(HINT), "{text}");
    }
}

#[tokio::test]
async fn a_wrong_password() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let client = Client::builder()
            .base_url(bed.sandbox.url())
            .transport(transport())
            .credentials(Credentials::password(bed.sandbox.email(), "wrong"))
            .build()
            .unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "createToken: the credentials or the access token were rejected (401): Incorrect username or password. \
             Check the user name and the password, and that API access is enabled for the account"
        );
        assert_eq!((error.kind(), error.status()), (ErrorKind::Authentication, Some(StatusCode::UNAUTHORIZED)));
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotDone, 1));
        assert_eq!(bed.request_count("submitEmail"), 0);
        // The client does not send the rejected password again at once.
        assert_eq!(client.authenticate().await.unwrap_err().kind(), ErrorKind::Authentication);
        assert_eq!(bed.request_count("createToken"), 1);
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let email = bed.email("ada@example.com").await;
        let before = bed.request_count("createToken");
        bed.advance(432_001);
        bed.client.emails().send(&email).await.unwrap();
        assert_eq!(bed.request_count("createToken"), before + 1);
        assert_eq!(bed.sandbox.emails().len(), 1);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed() {
    for transport in TRANSPORTS {
        let bed = TestBed::over(transport).await;
        let client = Client::builder()
            .base_url(bed.sandbox.url())
            .transport(transport())
            .credentials(Credentials::access_token("expired"))
            .build()
            .unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "submitEmail: the credentials or the access token were rejected (401): The access token is wrong or has \
             expired: obtain a new one. The access token has expired, was revoked, or belongs to another server: \
             obtain a new one"
        );
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Outcome::NotDone));
        assert_eq!(error.attempts(), 1);
        assert_eq!(bed.request_count("createToken"), 0);
    }
}

#[tokio::test]
async fn an_id_that_would_change_the_path() {
    let bed = TestBed::new().await;
    for id in ["", ".", ".."] {
        let error = bed.client.emails().get(&id.into()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Invalid, 0), "{id:?}");
    }
    for id in ["../lists", "a/b", "a?b", "%2e%2e", "ö\n"] {
        let error = bed.client.emails().get(&id.into()).await.unwrap_err();
        assert_eq!(fields(&error), ["email_id"], "{id:?}");
    }
    assert_eq!(bed.request_count("showEmail"), 5);
}

/// The name is too long for DNS, so that no resolver is asked.
#[tokio::test]
async fn an_unknown_host() {
    let nowhere = format!("https://{}.invalid", "x".repeat(64));
    for transport in TRANSPORTS {
        for credentials in [Credentials::access_token("any"), Credentials::password("ada@example.com", "any")] {
            let builder = Client::builder().base_url(&nowhere).transport(transport()).retry_policy(retry_immediately());
            let client = builder.credentials(credentials).build().unwrap();
            let error = client.emails().send(&email()).await.unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains(": no connection could be established: ")
                    && text.contains(" name")
                    && text.ends_with(". Check the network, the proxy and the base URL (CAKEMAIL_API_BASE)"),
                "{text}"
            );
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone));
            assert_eq!((error.attempts(), error.status()), (4, None));
        }
    }
}
