//! Logs, summaries, reports and tags of emails.

use std::time::Duration;

use cakemail::logs::{Engagement, LogQuery, LogType, SummaryQuery};
use cakemail::reports::{ReportInterval, ReportQuery};
use cakemail::tags::ListEmailTagsQuery;
use cakemail::{EmailStatus, TagFilter};

use crate::support::TestBed;

/// Sends three emails: one is clicked (welcome), one bounces (welcome, test), one is delivered (reset).
async fn send_three_emails(bed: &TestBed) {
    let email = bed.email("clicked@example.com").await.tag("welcome");
    bed.client.emails().send(&email).await.unwrap();
    let email = bed.email("bounced@example.com").await.tag("welcome").tag("test");
    bed.client.emails().send(&email).await.unwrap();
    let email = bed.email("ada@example.net").await.tag("reset");
    bed.client.emails().send(&email).await.unwrap();
    bed.advance(3);
}

async fn kinds(bed: &TestBed, query: LogQuery) -> Vec<String> {
    let logs = bed.client.logs().list(query).all().await.unwrap();
    let mut kinds: Vec<_> = logs.iter().map(|log| log.kind.to_string()).collect();
    kinds.sort();
    kinds
}

pub async fn logs_are_filtered(bed: &TestBed) {
    send_three_emails(bed).await;
    let all = LogQuery::new;
    assert_eq!(kinds(bed, all()).await.len(), 5 + 3 + 3);
    assert_eq!(kinds(bed, all().tags("reset")).await, ["delivered", "queued", "submitted"]);
    assert_eq!(kinds(bed, all().log_type(LogType::Bounce)).await, ["bounced"]);
    assert_eq!(kinds(bed, all().log_type(EmailStatus::Clicked.log_type().unwrap())).await, ["clicked"]);

    let nested = TagFilter::from("welcome").and(TagFilter::any(["test", "none"]).not());
    assert_eq!(kinds(bed, all().tags(nested)).await, ["clicked", "delivered", "opened", "queued", "submitted"]);

    let since = bed.now().saturating_sub(Duration::from_secs(1));
    assert_eq!(kinds(bed, all().start_time(since)).await, ["clicked", "opened"]);
    let until = bed.now().saturating_sub(Duration::from_secs(4));
    assert!(kinds(bed, all().end_time(until)).await.is_empty());

    let page = bed.client.logs().page(all().log_type(LogType::Bounce).iso_time(true)).await.unwrap();
    assert_eq!(page.pagination.has_more, Some(false));
    assert_eq!(page.parameters.unwrap().iso_time, Some(true));
    let bounce = &page.data[0];
    assert_eq!(bounce.time, Some(bed.now().saturating_sub(Duration::from_secs(2))));
    assert_eq!(bounce.email.as_deref(), Some("bounced@example.com"));
    assert_eq!(bounce.metadata.as_ref().unwrap()["bounce_type"], "hard");
}

pub async fn summaries_are_filtered(bed: &TestBed) {
    send_three_emails(bed).await;
    let logs = bed.client.logs();
    let all = SummaryQuery::new;
    assert_eq!(logs.summaries(all()).all().await.unwrap().len(), 3);

    let bounced = EmailStatus::Bounced.summary_status().unwrap();
    let bounced = logs.summaries(all().status(bounced)).all().await.unwrap();
    assert!(bounced.len() == 1 && bounced[0].hard_bounce, "{bounced:?}");

    let clicked = logs.summaries(all().engagement(Engagement::Click)).all().await.unwrap();
    assert_eq!((clicked[0].status.as_str(), clicked[0].opens, clicked[0].clicks), ("clicked", 1, 1));
    assert_eq!(clicked[0].first_click_time, Some(bed.now()));

    let tagged = logs.summaries(all().tags(TagFilter::from("welcome").not())).all().await.unwrap();
    assert!(tagged.len() == 1 && tagged[0].tags == ["reset"], "{tagged:?}");
    assert_eq!(logs.summaries(all().email("~~example.net")).all().await.unwrap().len(), 1);
}

pub async fn reports_count_emails(bed: &TestBed) {
    send_three_emails(bed).await;
    let query = ReportQuery::new().interval(ReportInterval::OneHour);
    let report = bed.client.reports().emails(query.clone()).await.unwrap();
    assert_eq!(report.parameters.interval.as_deref(), Some("1h"));
    let hour = report.data.last().unwrap();
    assert_eq!((hour.submitted, hour.delivered, hour.hard_bounce, hour.unique_click), (3, 2, 1, 1));
    assert!((hour.bounce_rate - 1.0 / 3.0).abs() < 1e-9, "{}", hour.bounce_rate);

    let report = bed.client.reports().emails(query.tags("reset")).await.unwrap();
    assert_eq!(report.data.iter().map(|hour| hour.submitted).sum::<u64>(), 1);
}

pub async fn tags_are_listed(bed: &TestBed) {
    send_three_emails(bed).await;
    let mut tags = bed.client.tags().list(ListEmailTagsQuery::new()).all().await.unwrap();
    tags.sort();
    assert_eq!(tags, ["reset", "test", "welcome"]);
}
