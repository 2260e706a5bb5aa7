//! Probes and metrics.

use cakemail_sandbox::{Effect, Fault, Match};
use serde_json::json;

use crate::support::{User, frozen, seconds};

#[tokio::test]
async fn probes_respond_while_the_sandbox_runs() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for path in ["/_sandbox/health/live", "/_sandbox/health/ready"] {
        assert_eq!(user.get(path).await.expect(200), json!({"status": "ok"}));
    }
}

#[tokio::test]
async fn metrics_count_requests_emails_deliveries_and_faults() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for to in ["delivered@example.com", "bounced@example.com", "rejected@example.com"] {
        user.submit(&user.email(to).await).await;
    }
    user.post("/v2/emails", json!({})).await.expect(422);
    sandbox.fault(Fault::on(Match::operation("listLists").nth(1)).effect(Effect::Status(503)));
    user.get("/lists").await.expect(503);
    user.get("/nowhere").await;
    sandbox.clear_faults();
    sandbox.advance(seconds(60)).await;

    let reply = user.get("/_sandbox/metrics").await;
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "requests_total{operation=\"submitEmail\",status=\"201\"} 3",
        "requests_total{operation=\"submitEmail\",status=\"422\"} 1",
        "requests_total{operation=\"listLists\",status=\"503\"} 1",
        "requests_total{operation=\"\",status=\"404\"} 1",
        "emails_accepted_total 3",
        "emails_duplicate_total 0",
        "emails{status=\"delivered\"} 1",
        "emails{status=\"hard_bounce\"} 1",
        "emails{status=\"rejected\"} 1",
        "webhook_deliveries{state=\"pending\"} 0",
        "accounts 1",
        "faults_hit_total 1",
        "connections 1",
    ] {
        assert!(reply.text.contains(&format!("\ncakemail_sandbox_{line}\n")), "{line}\n{}", reply.text);
    }
    assert_valid(&reply.text);
}

/// The text format: each family has its help, its type and then its values.
fn assert_valid(text: &str) {
    let mut family = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().unwrap();
            assert!(rest.len() > family.len() + 1 && text.matches(&format!("# TYPE {family} ")).count() == 1, "{line}");
        } else if !line.starts_with("# TYPE ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(name.split('{').next(), Some(family), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
