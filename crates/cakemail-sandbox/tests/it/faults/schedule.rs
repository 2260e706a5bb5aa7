//! The requests that a fault strikes, and its duration.

use cakemail_sandbox::{Effect, Fault, Match, Phase, Preset, Sandbox};

use super::{posts_and_accepted, submission_bytes, submission_fault};
use crate::support::{User, connect, ending, frozen, is_reset};

/// The statuses of this many requests.
async fn statuses(user: &User<'_>, path: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(user.get(path).await.status);
    }
    statuses
}

fn broken(on: Match) -> Fault {
    Fault::on(on).effect(Effect::Status(503))
}

#[tokio::test]
async fn nth_every_and_times_select_requests() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    for (on, expected) in [
        (Match::any().nth(2), [200, 503, 200, 200, 200]),
        (Match::any().every(2), [200, 503, 200, 503, 200]),
        (Match::any().every(2).times(1), [200, 503, 200, 200, 200]),
        (Match::any().times(3), [503, 503, 503, 200, 200]),
    ] {
        let fault = sandbox.fault(broken(on));
        assert_eq!(statuses(&user, "/lists", 5).await, expected, "{fault:?}");
        let hits = expected.iter().filter(|it| **it == 503).count();
        assert_eq!((fault.seen(), fault.hits()), (5, hits as u64));
        fault.remove();
    }
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_requests() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let sandbox = frozen().await;
        let user = User::of(&sandbox).await;
        sandbox.fault(broken(Match::any().probability(0.5, seed)));
        runs.push(statuses(&user, "/lists", 64).await);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].contains(&503) && runs[0].contains(&200));
}

#[tokio::test]
async fn only_matching_requests_are_struck() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let met = |on: Match, method: &'static str, path: &'static str| {
        let user = &user;
        async move {
            let fault = user.sandbox.fault(broken(on));
            let status = user.send(method, path, "", "").await.status;
            fault.remove();
            status == 503
        }
    };
    assert!(met(Match::operation("listLists"), "GET", "/lists?page=1").await);
    assert!(!met(Match::operation("listLists"), "POST", "/lists").await);
    assert!(met(Match::path("/lists").method("POST"), "POST", "/lists").await);
    assert!(!met(Match::path("/lists").method("POST"), "GET", "/lists").await);
    assert!(!met(Match::path("/lists"), "GET", "/lists/1").await);
    assert!(!met(Match::any(), "GET", "/nowhere").await);
    for own in ["/openapi.json", "/_sandbox/health", "/_sandbox/mailbox?address=a@b.co", "/_sandbox/ledger"] {
        assert!(!met(Match::any(), "GET", own).await, "{own}");
    }
}

#[tokio::test]
async fn faults_never_strike_the_control_api() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let fault = sandbox.fault(Fault::on(Match::any()).at(Phase::Accept).effect(Effect::Reset));
    user.get("/_sandbox/health").await.expect(200);
    assert_eq!(fault.seen(), 0);
    assert!(is_reset(&ending(&sandbox, &user.bytes("GET", "/lists", "", "")).await.1));
}

#[tokio::test]
async fn a_fault_can_be_limited_to_one_recipient() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let (unlucky, lucky) = (user.email("Unlucky@example.com").await, user.email("lucky@example.com").await);
    sandbox.fault(broken(Match::operation("submitEmail").recipient("unlucky@example.com")));
    assert_eq!(user.post("/v2/emails", unlucky).await.status, 503);
    assert_eq!(user.post("/v2/emails", lucky).await.status, 201);
}

#[tokio::test]
async fn the_first_of_several_faults_strikes_and_each_counts() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let first = sandbox.fault(Fault::on(Match::any().every(2)).effect(Effect::Status(500)));
    let second = sandbox.fault(broken(Match::any()));
    assert_eq!(statuses(&user, "/lists", 4).await, [503, 500, 503, 500]);
    assert_eq!((first.seen(), first.hits(), second.seen(), second.hits()), (4, 2, 4, 2));
}

#[tokio::test]
async fn clearing_faults_ends_held_connections() {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let request = submission_bytes(&user, "a@example.com").await;
    sandbox.preset(Preset::Outage, 1);
    sandbox.preset(Preset::Throttled, 1);
    let fault = sandbox.fault(submission_fault(Phase::Accept, Effect::Stall));
    sandbox.lag_logs(std::time::Duration::from_secs(9));
    sandbox.clear_faults();
    assert_eq!(statuses(&user, "/lists", 50).await, [200; 50]);
    assert_eq!(fault.seen(), 0);

    // Stalled connections end.
    for effect in [Effect::Stall, Effect::EndlessHeaders, Effect::Drip(std::time::Duration::from_secs(1))] {
        let fault = sandbox.fault(submission_fault(Phase::Handler, effect));
        let held = ending(&sandbox, &request);
        let clearing = async {
            while fault.hits() == 0 {
                tokio::task::yield_now().await;
            }
            sandbox.clear_faults();
        };
        let (_, ()) = tokio::join!(held, clearing);
    }
}

#[tokio::test]
async fn connections_and_sandboxes_are_independent() {
    let (stormy, calm) = (frozen().await, frozen().await);
    let (user, other) = (User::of(&stormy).await, User::of(&calm).await);
    let request = submission_bytes(&user, "a@example.com").await;
    stormy.fault(submission_fault(Phase::Handler, Effect::Stall).clone());
    let mut held = connect(&stormy).await;
    tokio::io::AsyncWriteExt::write_all(&mut held, &request).await.unwrap();
    stormy.fault(submission_fault(Phase::Handler, Effect::Reset));
    assert_eq!(statuses(&user, "/lists", 5).await, [200; 5], "another operation on other connections");
    other.submit(&other.email("a@example.com").await).await;
    assert_eq!(posts_and_accepted(&calm), (1, 1));
}

async fn submit_all(preset: Preset, seed: u64) -> (Sandbox, Vec<String>) {
    let sandbox = frozen().await;
    let user = User::of(&sandbox).await;
    let mut requests = Vec::new();
    for n in 0..60 {
        requests.push(submission_bytes(&user, &format!("r{n}@example.com")).await);
    }
    sandbox.preset(preset, seed);
    let mut seen = Vec::new();
    for request in requests {
        let close = String::from_utf8(request).unwrap().replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let (bytes, end) = ending(&sandbox, close.as_bytes()).await;
        let status = String::from_utf8_lossy(&bytes).chars().skip(9).take(3).collect::<String>();
        seen.push(if is_reset(&end) { "reset".into() } else { status });
    }
    (sandbox, seen)
}

#[tokio::test]
async fn presets_set_their_faults() {
    let (flaky, seen) = submit_all(Preset::Flaky, 5).await;
    assert_eq!(seen, submit_all(Preset::Flaky, 5).await.1, "the same seed, the same faults");
    assert_ne!(seen, submit_all(Preset::Flaky, 6).await.1);
    let wrong = seen.iter().filter(|it| *it != "201").count();
    assert!((1..30).contains(&wrong) && flaky.ledger().total() >= 30, "{seen:?}");

    let (outage, seen) = submit_all(Preset::Outage, 1).await;
    assert!(seen.iter().all(|it| it != "201") && seen.iter().any(|it| it == "reset"), "{seen:?}");
    assert_eq!(outage.ledger().total(), 0);

    let (throttled, seen) = submit_all(Preset::Throttled, 1).await;
    assert!(seen.iter().skip(5).all(|it| it == "429") && throttled.ledger().total() <= 5, "{seen:?}");

    let (ambiguous, seen) = submit_all(Preset::AmbiguousSend, 1).await;
    let ledger = ambiguous.ledger();
    assert!(ledger.unanswered() > 30 && ledger.total() == ledger.posts() - 60 / 7, "{ledger:?}");
    for wanted in ["reset", "500", "", "201"] {
        assert!(seen.iter().any(|it| it == wanted), "{wanted}: {seen:?}");
    }

    let (storm, seen) = submit_all(Preset::TokenStorm, 1).await;
    assert_eq!(seen.iter().position(|it| it == "401"), Some(7), "the token ended after the seventh: {seen:?}");
    assert_eq!(storm.ledger().total(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_and_the_ledger_agree() {
    let sandbox = std::sync::Arc::new(frozen().await);
    let user = User::of(&sandbox).await;
    let mut requests = Vec::new();
    for n in 0..200 {
        let request = submission_bytes(&user, &format!("r{n}@example.com")).await;
        requests.push(String::from_utf8(request).unwrap().replacen("\r\n", "\r\nConnection: close\r\n", 1));
    }
    sandbox.preset(Preset::Flaky, 11);
    sandbox.preset(Preset::AmbiguousSend, 11);
    let mut clients = tokio::task::JoinSet::new();
    for (n, request) in requests.into_iter().enumerate() {
        let sandbox = std::sync::Arc::clone(&sandbox);
        clients.spawn(async move {
            let (bytes, end) = ending(&sandbox, request.as_bytes()).await;
            let confirmed = end.is_ok() && bytes.starts_with(b"HTTP/1.1 201") && bytes.ends_with(b"}");
            assert!(!confirmed || sandbox.ledger().accepted(&format!("r{n}@example.com")) == 1);
            confirmed
        });
    }
    let confirmed = clients.join_all().await.into_iter().filter(|confirmed| *confirmed).count() as u64;
    let ledger = sandbox.ledger();
    assert_eq!(ledger.posts(), 200);
    assert_eq!(ledger.rows().iter().filter(|row| row.answered).count() as u64, confirmed);
    assert_eq!((ledger.unanswered(), ledger.duplicate_count()), (ledger.total() - confirmed, 0));
    assert!(confirmed > 0 && confirmed < ledger.total() && ledger.total() < 200, "{confirmed} of {}", ledger.total());
}
