//! The state machine under test, as it is or with a deliberate fault that the simulation must find.

use std::time::Duration;

use cakemail_outbox::state::{Decision, Event, Evidence, Progress, Rules, State, Step};
use cakemail_outbox::{OnMissing, Owner, Record, Time};
use clap::ValueEnum;

/// A fault of the machine or of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// An email in doubt is submitted again without a look.
    NoLook,
    /// What a claim came to counts for any later claim.
    NoEpoch,
    /// The policy `park` resends.
    ParkResends,
    /// Absence from the logs is weighed at once, without the settle time.
    NoSettle,
    /// Absence from the logs is weighed by when the result arrives, not by when the search was claimed.
    LateResult,
    /// Logs that are known to lag are taken for caught up.
    NoEvidence,
    /// The evidence is searched after the email, not before it.
    EvidenceLast,
    /// An email that was claimed right after the doubt is evidence.
    EarlyEvidence,
    /// An email that was accepted counts only while its claim is the current one.
    NoLateAcceptance,
    /// A refused email is never in doubt.
    RefusalWins,
    /// Workers write after the end of their lease.
    NoGate,
    /// After a failed transaction, a worker gives back what it is sending, too.
    ReleasesAll,
    /// After a failed transaction, a worker keeps an email of which it knows an earlier claim only.
    KeepsById,
}

/// The machine with its rules.
pub struct Machine {
    pub fault: Option<Fault>,
    pub rules: Rules,
}

impl Machine {
    pub fn new(fault: Option<Fault>) -> Self {
        let mut rules = Rules::default();
        rules.evidence_limit = Duration::from_secs(600);
        Self { fault, rules }
    }

    pub fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub fn claim(&self, record: &Record, owner: Owner, now: Time) -> Option<Progress> {
        let mut progress = record.claim(owner, &self.rules, now)?;
        if let State::Dispatching { step, .. } = &mut progress.state
            && self.has(Fault::NoLook)
        {
            *step = Step::Submit;
        }
        Some(progress)
    }

    pub fn complete(&self, record: &Record, epoch: i64, event: &Event, now: Time) -> Option<Progress> {
        let Some(fault) = self.fault else { return record.complete(epoch, event, &self.rules, now) };
        let (mut record, mut rules, mut epoch, mut event) = (record.clone(), self.rules.clone(), epoch, event.clone());
        match (fault, &mut record.progress.state, &mut event) {
            (Fault::NoEpoch, _, _) => epoch = record.progress.epoch,
            (Fault::ParkResends, _, _) => record.on_missing = OnMissing::ResendAfter(rules.settle),
            (Fault::NoSettle, _, Event::NotFound(_)) => {
                rules.settle = Duration::ZERO;
                if let OnMissing::ResendAfter(wait) = &mut record.on_missing {
                    *wait = Duration::ZERO;
                }
            }
            (Fault::LateResult, State::Dispatching { step: Step::Look, since, .. }, _) => *since = now,
            (Fault::NoEvidence, _, Event::NotFound(evidence)) => *evidence = Evidence::CaughtUp,
            (Fault::NoLateAcceptance, _, Event::Accepted(_)) if epoch != record.progress.epoch => return None,
            (Fault::RefusalWins, _, Event::Refused(_)) => {
                record.progress.doubt = None;
                record.progress.resends = 0;
            }
            _ => {}
        }
        record.complete(epoch, &event, &rules, now)
    }

    pub fn decide(&self, record: &Record, decision: &Decision, now: Time) -> Option<Progress> {
        record.decide(decision, &self.rules, now).ok()
    }
}
