//! The model of an email: the lifecycle of its recipient's name, written independently of the sandbox.

/// The steps: seconds since the submission, and a name that distinguishes the two bounces.
pub fn plan(recipient: &str) -> &'static [(i64, &'static str)] {
    match recipient.split(['@', '+']).next().unwrap() {
        "opened" => &[(0, "submitted"), (0, "queued"), (1, "delivered"), (2, "open")],
        "clicked" => &[(0, "submitted"), (0, "queued"), (1, "delivered"), (2, "open"), (3, "click")],
        "bounced" => &[(0, "submitted"), (0, "queued"), (1, "hard bounce")],
        "soft-bounced" => &[(0, "submitted"), (0, "queued"), (1, "soft bounce")],
        "complained" => &[(0, "submitted"), (0, "queued"), (1, "delivered"), (2, "open"), (3, "spam")],
        "unsubscribed" => &[(0, "submitted"), (0, "queued"), (1, "delivered"), (2, "open"), (3, "unsubscribe")],
        "rejected" => REJECTED,
        "error" => &[(0, "submitted"), (0, "error")],
        "stuck" => &[(0, "submitted"), (0, "queued")],
        _ => &[(0, "submitted"), (0, "queued"), (1, "delivered")],
    }
}

pub const REJECTED: &[(i64, &str)] = &[(0, "submitted"), (0, "rejected")];

/// The API's name for a step.
pub fn word(step: &str) -> &str {
    if step.ends_with("bounce") { "bounce" } else { step }
}

/// The allowed successors of an event.
pub const LEGAL: &[(&str, &[&str])] = &[
    ("submitted", &["queued", "rejected", "error"]),
    ("queued", &["delivered", "bounce"]),
    ("delivered", &["open"]),
    ("open", &["click", "spam", "unsubscribe"]),
    ("click", &[]),
    ("bounce", &[]),
    ("spam", &[]),
    ("unsubscribe", &[]),
    ("rejected", &[]),
    ("error", &[]),
];

#[derive(Debug)]
pub struct Email {
    pub id: String,
    pub recipient: String,
    pub tags: Vec<&'static str>,
    pub list: i64,
    pub submitted: i64,
    pub plan: &'static [(i64, &'static str)],
}

impl Email {
    /// The events up to this time.
    pub fn events(&self, now: i64) -> impl Iterator<Item = (i64, &'static str)> {
        let submitted = self.submitted;
        self.plan.iter().map(move |(after, step)| (submitted + after, *step)).filter(move |(time, _)| *time <= now)
    }

    /// The status, which is the last event: plans only advance.
    pub fn status(&self, now: i64) -> &'static str {
        self.events(now).last().unwrap().1
    }

    pub fn provider(&self) -> &str {
        self.recipient.split('@').nth(1).unwrap().split('.').next().unwrap()
    }
}
