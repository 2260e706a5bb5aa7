//! What holds in every state that can be reached. Times are small, so that all states are visited: each event, each second
//! that passes and a clock that steps back, in every order.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::EmailId;
use cakemail_outbox::state::{Decision, Event, Evidence, Progress, Reason, Remote, Rules, State, Step};
use cakemail_outbox::{OnMissing, Owner, Record, Time};

/// Seconds by the ledger's clock.
type Seconds = i64;

/// Times further back than this are as good as this one.
const OLDEST: Seconds = -7;
/// The clock steps back only while no time is further ahead.
const NEWEST: Seconds = 4;
const RESEND_AFTER: Seconds = 3;

fn rules() -> Rules {
    let mut rules = Rules::default();
    rules.lease = Duration::from_secs(1);
    rules.settle = Duration::from_secs(2);
    rules.first_backoff = Duration::from_secs(1);
    rules.max_backoff = Duration::from_secs(2);
    rules.evidence_limit = Duration::from_secs(3);
    rules.max_resends = 1;
    rules
}

/// A record now, at time 0, and what its history allows.
#[derive(Clone)]
struct Node {
    record: Record,
    /// Whether nothing may have been accepted since it was last allowed to submit: by being new, by its policy or by a
    /// decision.
    may_submit: bool,
    /// Whether someone decided to send it again.
    is_resent_by_decision: bool,
}

fn at(seconds: Seconds) -> Time {
    Time::from_micros(seconds * 1_000_000)
}

fn seconds(time: Time) -> Seconds {
    time.as_micros() / 1_000_000
}

impl Node {
    fn new(on_missing: OnMissing, expires_at: Option<Seconds>) -> Self {
        let mut record = Record::new(1, IdempotencyKey::new("1").unwrap(), at(0));
        record.on_missing = on_missing;
        record.expires_at = expires_at.map(at);
        Self { record, may_submit: true, is_resent_by_decision: false }
    }

    /// The same after this many seconds, or before them. Differences that change nothing are removed.
    fn later(&self, passed: Seconds) -> Self {
        let mut node = self.clone();
        let moved = |time: Time| at((seconds(time) - passed).max(OLDEST));
        let progress = &mut node.record.progress;
        progress.due = progress.due.map(|due| moved(due).max(at(0)));
        progress.doubt = progress.doubt.map(moved);
        if let State::Dispatching { since, .. } = &mut progress.state {
            *since = moved(*since);
        }
        node.record.expires_at = node.record.expires_at.map(|time| moved(time).max(at(-1)));
        node.normal()
    }

    fn normal(mut self) -> Self {
        let progress = &mut self.record.progress;
        progress.epoch = 7;
        progress.failures = progress.failures.min(2);
        progress.resends = progress.resends.min(2);
        progress.submissions = 1;
        progress.reason = None;
        self
    }

    /// Everything that later events depend on.
    fn key(&self) -> impl Hash + Eq + use<> {
        let Progress { state, due, doubt, resends, failures, .. } = &self.record.progress;
        let claim = match state {
            State::Dispatching { step, since, .. } => Some((*step, *since)),
            _ => None,
        };
        let id = match state {
            State::Accepted(remote) => remote.id.clone(),
            _ => None,
        };
        let policy = self.record.on_missing == OnMissing::Park;
        let times = (*due, *doubt, self.record.expires_at);
        (state.name(), claim, id, times, *resends, *failures, policy, self.may_submit, self.is_resent_by_decision)
    }

    fn newest(&self) -> Seconds {
        let progress = &self.record.progress;
        let since = match progress.state {
            State::Dispatching { since, .. } => Some(since),
            _ => None,
        };
        [progress.due, progress.doubt, since, self.record.expires_at]
            .into_iter()
            .flatten()
            .map(seconds)
            .max()
            .unwrap_or(0)
    }

    fn is_expired(&self) -> bool {
        self.record.expires_at.is_some_and(|at| at <= Time::from_micros(0))
    }
}

fn events() -> Vec<Event> {
    let reason = || Reason::new("Given", "");
    let id = |id: &str| Remote::new(EmailId::from(id));
    vec![
        Event::Released,
        Event::Accepted(id("a")),
        Event::Accepted(id("b")),
        Event::Accepted(Remote::new(None)),
        Event::Refused(reason()),
        Event::NotSent { reason: reason(), retry_after: None },
        Event::NotSent { reason: reason(), retry_after: Some(Duration::from_secs(3)) },
        Event::Lost(reason()),
        Event::NotFound(Evidence::CaughtUp),
        Event::NotFound(Evidence::NoTraffic),
        Event::NotFound(Evidence::Behind),
        Event::LookFailed(reason()),
        Event::KeyConflict(reason()),
    ]
}

fn decisions() -> [Decision; 4] {
    [Decision::Resend, Decision::Look, Decision::MarkAccepted(Remote::new(None)), Decision::Cancel]
}

/// Everything that can happen next, checked.
fn next(node: &Node) -> Vec<Node> {
    let (record, rules, now) = (&node.record, rules(), at(0));
    let epoch = record.progress.epoch;
    let mut nodes = vec![node.later(1)];
    if node.newest() <= NEWEST {
        nodes.push(node.later(-2));
    }
    if let Some(progress) = record.claim(Owner(2), &rules, now) {
        nodes.push(claimed(node, progress));
    }
    for event in events() {
        let is_fact = matches!(event, Event::Accepted(_));
        for stale in [epoch - 1, epoch + 1] {
            let changed = record.complete(stale, &event, &rules, now);
            assert!(changed.is_none() || is_fact, "a stale {event:?} changed {record:?}");
        }
        let is_claimed = matches!(record.progress.state, State::Dispatching { .. });
        match record.complete(epoch, &event, &rules, now) {
            Some(progress) => nodes.push(completed(node, &event, progress)),
            None => assert!(!is_claimed, "{event:?} of the current claim left {record:?} claimed"),
        }
    }
    for decision in decisions() {
        if let Ok(progress) = record.decide(&decision, &rules, now) {
            nodes.push(decided(node, &decision, progress));
        }
    }
    nodes
}

fn claimed(node: &Node, progress: Progress) -> Node {
    if let State::Dispatching { step: Step::Submit, .. } = progress.state {
        assert!(node.may_submit, "submitted again without a look: {:?}", node.record);
        assert!(!node.is_expired(), "submitted after it expired: {:?}", node.record);
    }
    let is_reclaimed = matches!(node.record.progress.state, State::Dispatching { step: Step::Submit, .. });
    changed(node, progress, |node| node.may_submit &= !is_reclaimed)
}

fn completed(node: &Node, event: &Event, progress: Progress) -> Node {
    let before = &node.record.progress;
    if before.state == State::Queued || before.state == State::Unknown || before.state == State::Parked {
        assert!(matches!(event, Event::Accepted(_)), "{event:?} without a claim changed {:?}", node.record);
    }
    let is_look = matches!(before.state, State::Dispatching { step: Step::Look, .. });
    if is_look && progress.state == State::Queued {
        assert_allows_resend(node, event);
    }
    if progress.state == State::Refused && before.state != State::Refused {
        assert!(before.resends == 0 || before.doubt.is_none(), "another submission is in doubt: {:?}", node.record);
        assert!(is_look || before.doubt.is_none(), "an earlier submission is in doubt: {:?}", node.record);
    }
    let is_allowed = is_look && progress.state == State::Queued;
    let is_lost = !is_look && progress.state == State::Unknown;
    changed(node, progress, |node| node.may_submit = (node.may_submit || is_allowed) && !is_lost)
}

/// Only a search that was claimed after the settle time allows a resend, and only by the email's policy.
fn assert_allows_resend(node: &Node, event: &Event) {
    let progress = &node.record.progress;
    let State::Dispatching { since, .. } = progress.state else { panic!("{:?} was not claimed", node.record) };
    let doubt = progress.doubt.expect("a search is of an email in doubt");
    assert!(matches!(event, Event::NotFound(Evidence::CaughtUp | Evidence::NoTraffic)), "{event:?} {:?}", node.record);
    assert!(matches!(node.record.on_missing, OnMissing::ResendAfter(_)), "{:?}", node.record);
    assert!(seconds(since) >= seconds(doubt) + RESEND_AFTER, "too early: {:?}", node.record);
    assert!(progress.resends < rules().max_resends, "too often: {:?}", node.record);
    assert!(!node.is_expired(), "too late: {:?}", node.record);
}

fn decided(node: &Node, decision: &Decision, progress: Progress) -> Node {
    let before = &node.record.progress;
    assert!(!matches!(before.state, State::Dispatching { .. }), "{decision:?} while claimed: {:?}", node.record);
    changed(node, progress, |node| {
        let is_resend = *decision == Decision::Resend;
        node.may_submit |= is_resend;
        node.is_resent_by_decision |= is_resend;
    })
}

/// Checks what every change keeps.
fn changed(node: &Node, progress: Progress, update: impl FnOnce(&mut Node)) -> Node {
    let before = &node.record.progress;
    assert_eq!(progress.epoch, before.epoch + 1, "each change raises the epoch: {progress:?}");
    assert!(progress.doubt >= before.doubt, "doubt moved back: {before:?} {progress:?}");
    if let State::Accepted(known) = &before.state {
        let State::Accepted(remote) = &progress.state else { panic!("accepted is final: {progress:?}") };
        assert!(known.id.is_none() || known.id == remote.id, "the id of an accepted email is final: {progress:?}");
    }
    let is_waiting = !progress.state.is_ended() && progress.state != State::Parked;
    assert_eq!(progress.due.is_some(), is_waiting, "due exactly while something is to be done: {progress:?}");
    assert!(progress.due.is_none_or(|due| seconds(due) <= NEWEST), "due in the far future: {progress:?}");
    let in_doubt = match progress.state {
        State::Unknown | State::Parked | State::Dispatching { step: Step::Look, .. } => true,
        State::Expired => false,
        _ => progress.doubt.is_some(),
    };
    assert_eq!(progress.doubt.is_some(), in_doubt, "{progress:?}");
    let mut next = node.clone();
    next.record.progress = progress;
    update(&mut next);
    next.normal()
}

/// Claims what is due and lets it be accepted, or missing from logs that have caught up, until it ends or is parked.
fn assert_comes_to_an_end(node: &Node) {
    let (mut record, rules, mut now) = (node.record.clone(), rules(), at(0));
    for _ in 0..12 {
        let Some(due) = record.progress.due else { return };
        now = now.max(due);
        record.progress = record.claim(Owner(3), &rules, now).expect("it is due");
        let event = match record.progress.state {
            State::Dispatching { step: Step::Submit, .. } => Event::Accepted(Remote::new(None)),
            State::Dispatching { step: Step::Look, .. } => Event::NotFound(Evidence::CaughtUp),
            _ => continue,
        };
        record.progress = record.complete(record.progress.epoch, &event, &rules, now).expect("its claim is current");
    }
    panic!("it does not end: {:?}", node.record);
}

#[test]
fn the_properties_hold_in_every_state_that_can_be_reached() {
    let resend = OnMissing::ResendAfter(Duration::from_secs(RESEND_AFTER.unsigned_abs()));
    let mut queue: VecDeque<Node> = [OnMissing::Park, resend]
        .into_iter()
        .flat_map(|policy| [None, Some(4)].map(|expires_at| Node::new(policy, expires_at).normal()))
        .collect();
    let mut seen: HashSet<_> = queue.iter().map(Node::key).collect();
    while let Some(node) = queue.pop_front() {
        assert_comes_to_an_end(&node);
        let parks = node.record.on_missing == OnMissing::Park && !node.is_resent_by_decision;
        assert!(!parks || node.record.progress.resends == 0, "parked emails are not sent again: {:?}", node.record);
        queue.extend(next(&node).into_iter().filter(|next| seen.insert(next.key())));
    }

    assert!(seen.len() > 100_000, "only {} states were reached", seen.len());
}

#[test]
fn waits_are_bounded_and_no_counter_overflows() {
    let mut record = Record::new(1, IdempotencyKey::new("1").unwrap(), at(0));
    record.progress.failures = u32::MAX;
    record.progress.submissions = u32::MAX;
    record.progress.resends = u32::MAX;
    record.progress = record.claim(Owner(1), &Rules::default(), at(0)).unwrap();
    let reason = Reason::new("TooManyRequests", "");
    let event = Event::NotSent { reason, retry_after: Some(Duration::MAX) };
    let progress = record.complete(record.progress.epoch, &event, &Rules::default(), at(0)).unwrap();
    assert_eq!(progress.due, Some(at(24 * 3600)), "a server cannot put an email off forever");
    assert_eq!(progress.failures, u32::MAX);
}
