//! Preflight: a check that could not be made is neither passed nor failed.

use cakemail_client::{CheckState, Preflight, PreflightReport, RetryPolicy};
use cakemail_model::ListId;
use serde_json::{Value, json};

use crate::support::{Reply, StubServer, respond, status};

/// The response of a healthy account to each path.
fn healthy(path: &str) -> Value {
    match path {
        "/accounts/self" => json!({"data": {"id": "1", "status": "active", "usage_limits": {"use_email_api": true}}}),
        "/brands/default/senders/7" => {
            json!({"data": {"id": "7", "name": "Ada", "email": "ada@example.com", "confirmed": true}})
        }
        "/lists/42" => json!({"data": {"id": 42, "name": "All", "status": "active"}}),
        "/brands/default/domains/default/validate" => json!({"data": {}}),
        _ => json!({"data": []}),
    }
}

async fn report(reply: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) -> (PreflightReport, StubServer) {
    let server = StubServer::new(move |request| {
        let path = request.uri().path().to_owned();
        std::future::ready(reply(&path).unwrap_or_else(|| status(200, healthy(&path))))
    });
    let client = server.builder().retry_policy(RetryPolicy::never()).build().unwrap();
    let preflight = Preflight::new("7", ListId::new(42)).recipient("Bob@example.com");
    (client.preflight(&preflight).await, server)
}

#[tokio::test(start_paused = true)]
async fn a_healthy_account_without_a_domain_of_its_own_passes_and_one_recipient_is_asked_for() {
    let (report, server) = report(|_| None).await;
    assert!(report.passed(), "{report:?}");
    let not_needed = report.checks.iter().filter(|check| check.state == CheckState::NotNeeded);
    assert_eq!(not_needed.map(|check| check.name).collect::<Vec<_>>(), ["DNS records", "DKIM"]);
    let requests: Vec<_> = server.requests().into_iter().map(|request| request.line).collect();
    let lookups: Vec<_> = requests.iter().filter(|line| line.contains("/suppressed-emails")).collect();
    assert_eq!(lookups.len(), 3, "{lookups:?}");
    assert!(lookups.iter().all(|line| line.contains("filter=email%3D%3D")), "{lookups:?}");
}

#[tokio::test(start_paused = true)]
async fn a_check_whose_call_fails_is_not_checked_and_the_report_has_not_passed() {
    for (path, names) in [
        ("/accounts/self", &["API access"][..]),
        ("/brands/default/senders/7", &["sender", "DNS records", "DKIM"]),
        ("/brands/default/domains/default/validate", &["DNS records"]),
        ("/brands/default/dkim", &["DKIM"]),
        ("/lists/42", &["list"]),
        ("/suppressed-emails", &["recipient"]),
    ] {
        let (report, _) = report(move |asked| (asked == path).then(|| respond(503, &[], ""))).await;
        let not_checked: Vec<_> = report.not_checked().map(|check| check.name).collect();
        assert_eq!((not_checked, report.failed().count(), report.passed()), (names.to_vec(), 0, false), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_said_of_the_domain_of_an_unknown_sender() {
    let missing = |path: &str| path.contains("/senders/").then(|| status(404, json!({"detail": "Sender not found"})));
    let (report, server) = report(missing).await;
    assert_eq!(report.failed().map(|check| check.name).collect::<Vec<_>>(), ["sender"]);
    assert_eq!(report.not_checked().map(|check| check.name).collect::<Vec<_>>(), ["DNS records", "DKIM"]);
    assert!(server.requests().iter().all(|request| !request.line.contains("/domains")));
}
