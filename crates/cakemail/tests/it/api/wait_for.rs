//! `wait_for`: an email reaches a milestone, or cannot.

use std::time::Duration;

use cakemail::{EmailStatus, ErrorKind, Milestone, Outcome};

use crate::support::TestBed;

const TIMEOUT: Duration = Duration::from_millis(100);

pub async fn reaches_every_milestone(bed: &TestBed) {
    let emails = bed.client.emails();
    let id = bed.send("clicked@example.com").await;
    for (milestone, status) in [
        (Milestone::Queued, EmailStatus::Queued),
        (Milestone::Delivered, EmailStatus::Delivered),
        (Milestone::Opened, EmailStatus::Opened),
        (Milestone::Clicked, EmailStatus::Clicked),
    ] {
        assert_eq!(emails.wait_for(&id, milestone, TIMEOUT).await.unwrap().status, status);
        bed.advance(1);
    }
    // A later status has passed the milestone.
    assert_eq!(emails.wait_for(&id, Milestone::Queued, TIMEOUT).await.unwrap().status, EmailStatus::Clicked);
    let id = bed.send("complained@example.com").await;
    bed.advance(3);
    assert_eq!(emails.wait_for(&id, Milestone::Opened, TIMEOUT).await.unwrap().status, EmailStatus::Complained);
}

pub async fn ends_when_the_milestone_is_out_of_reach(bed: &TestBed) {
    let emails = bed.client.emails();
    for (recipient, kind, word) in [
        ("bounced@example.com", ErrorKind::Undeliverable, "bounced"),
        ("rejected@example.com", ErrorKind::Undeliverable, "rejected"),
        ("error@example.com", ErrorKind::Undeliverable, "error"),
        ("stuck@example.com", ErrorKind::Timeout, "queued"),
        ("soft-bounced@example.com", ErrorKind::Timeout, "bounced"),
    ] {
        let id = match emails.send(&bed.email(recipient).await).await {
            Ok(sent) => sent.id,
            Err(error) => error.refused_email().unwrap().id.clone(),
        };
        bed.advance(1);
        let error = emails.wait_for(&id, Milestone::Delivered, TIMEOUT).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotDone), "{recipient}");
        let text = error.to_string();
        assert!(text.contains(&format!("its status is {word}")) && !text.contains(recipient), "{text}");
        assert_eq!(text.contains("bounce reports"), kind == ErrorKind::Undeliverable, "{text}");
    }
    let unknown = emails.wait_for(&"3fbfa67e-c4c4-4e03-8dfd-556037960374".into(), Milestone::Opened, TIMEOUT).await;
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::NotFound);
}
