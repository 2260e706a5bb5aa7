//! Merged and tracked content, links and attachments.

use serde_json::{Value, json};

use super::{Message, files, search_text};
use crate::domain::Time;
use crate::domain::lifecycle::EventKind;
use crate::domain::{Email, EmailSender, Event};

pub(super) const BASE: &str = "http://127.0.0.1:1";

/// An email of 2026-01-01T12:00:00Z, delivered to Zoë.
pub(super) fn email(request: Value) -> Email {
    let Value::Object(request) = request else { panic!("{request} is not a submission") };
    let id = uuid::Uuid::from_u128(0x1111_2222_3333_4444_5555_6666_7777_8888);
    let submitted = Time(1_767_268_800_000);
    let sender = EmailSender { id: "1".into(), name: "The Shop".into(), email: "shop@example.org".into() };
    let mut email = Email::new(id, submitted, "zoe@example.com", sender, &request);
    let event = |kind| Event::new(0, kind, submitted, serde_json::Map::new());
    email.list_id = Some(1);
    email.attributes = [("firstname".into(), "Zoë".into()), ("LISTNAME".into(), "News".into())].into();
    email.events = [EventKind::Submitted, EventKind::Queued, EventKind::Delivered].map(event).into();
    email.text = search_text(&email);
    email
}

fn with_links(tracking: Value) -> Email {
    let html =
        "<body><a href='http://a.example'>a</a><a href=\"[UNSUBSCRIBE]\">out</a><a href=http://b.example></body>";
    let text = "http://c.example [UNSUBSCRIBE]";
    email(json!({"content": {"html": html, "text": text}, "tracking": tracking}))
}

#[test]
fn values_come_from_the_submission_then_the_contact_then_the_email() {
    let attributes = json!([{"name": "firstname", "value": "Z <&>"}, {"name": "city", "value": "Lyon"}]);
    let subject = "[firstname] of [city] [LISTNAME] [SENDER_NAME] [SENDER_EMAIL] [email] [other]";
    let html = "<p>[firstname,you] [SUBJECT]</p>";
    let mut content = json!({"subject": subject, "html": html, "text": "[firstname]", "custom_attributes": attributes});
    let all = email(json!({"content": content}));
    let message = Message::of(&all, BASE);
    assert_eq!(message.subject(), "Z <&> of Lyon News The Shop shop@example.org zoe@example.com [other]");
    assert!(message.html().unwrap().starts_with("<p>Z &lt;&amp;&gt; [firstname] of [city]"));
    assert_eq!(message.text().unwrap(), "Z <&>");
    assert_eq!(Message::as_submitted(&all, BASE).page(), html);

    content["custom_attributes"] = Value::Null;
    let without_attributes = email(json!({"content": content}));
    assert_eq!(Message::of(&without_attributes, BASE).text().unwrap(), "Zoë");
}

#[test]
fn links_of_the_html_are_numbered_before_those_of_the_text() {
    for (tracking, tracked) in [
        (json!({}), [true, true, true]),
        (json!({"clicks_html": false}), [false, false, true]),
        (json!({"clicks_text": false, "opens": false}), [true, true, false]),
    ] {
        let email = with_links(tracking);
        let links = Message::of(&email, BASE).links();
        let urls: Vec<_> = links.iter().map(|it| it.url.as_str()).collect();
        assert_eq!(urls, ["http://a.example", "http://b.example", "http://c.example"]);
        assert_eq!(links[2].href, format!("{BASE}/_sandbox/click/{}/2", email.id));
        assert_eq!(links.iter().map(|it| it.tracked).collect::<Vec<_>>(), tracked);
    }
}

#[test]
fn each_tracking_option_can_be_turned_off() {
    let click = |n| format!("{BASE}/_sandbox/click/11112222-3333-4444-5555-666677778888/{n}");
    let unsubscribe = format!("{BASE}/_sandbox/unsubscribe/11112222-3333-4444-5555-666677778888");
    let pixel = format!(
        "<img src=\"{BASE}/_sandbox/open/11112222-3333-4444-5555-666677778888\" width=\"1\" height=\"1\" alt=\"\">"
    );
    for (tracking, html, text, opens) in [
        (json!({}), true, true, true),
        (json!({"opens": false}), true, true, false),
        (json!({"clicks_html": false}), false, true, true),
        (json!({"clicks_text": false}), true, false, true),
        (json!({"clicks_text": false, "clicks_html": false, "opens": false}), false, false, false),
    ] {
        let email = with_links(tracking);
        let (page, words) = Message::of(&email, BASE).tracked();
        let href = |n, plain: &str| if html { format!("\"{}\"", click(n)) } else { plain.to_owned() };
        let (a, b) = (href(0, "'http://a.example'"), href(1, "http://b.example"));
        let pixel = if opens { pixel.as_str() } else { "" };
        let expected = format!("<body><a href={a}>a</a><a href=\"{unsubscribe}\">out</a><a href={b}>{pixel}</body>");
        assert_eq!(page.unwrap(), expected);
        let c = if text { click(2) } else { "http://c.example".into() };
        assert_eq!(words.unwrap(), format!("{c} {unsubscribe}"));
    }
}

#[test]
fn every_kind_of_content_has_a_page() {
    let page = |content: Value| Message::of(&email(json!({"content": content})), BASE).page();
    assert_eq!(page(json!({"html": "<b>h</b>", "text": "t"})), "<b>h</b>");
    assert!(page(json!({"text": "1 < 2"})).contains(">1 &lt; 2</pre>"));
    assert!(page(json!({"template": {"id": 7}})).contains("Template 7"));
}

#[test]
fn one_file_or_several_are_attached() {
    let file = json!({"filename": "a.pdf", "type": "pdf", "content": "aGVsbG8="});
    let one = email(json!({"attachment": file}));
    let several = email(json!({"attachment": [file, {"filename": "../\"é\r\n", "type": "x", "content": "!"}]}));
    let (one, several) = (one.submission(), several.submission());
    let one = files(&one);
    assert_eq!((one.len(), one[0].size(), one[0].bytes()), (1, 5, b"hello".to_vec()));
    let several = files(&several);
    assert_eq!((several[1].name.as_str(), several[1].bytes()), (".._____", Vec::new()));
    assert!(files(&email(json!({})).submission()).is_empty());
}
