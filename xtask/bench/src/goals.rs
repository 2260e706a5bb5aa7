//! The goals, set before the first measurement.

use crate::clients::Kind;
use crate::measure::Measure;

/// A limit that a client must meet, and better values to aim at. Less is better in all measures.
pub struct Goal {
    pub client: Kind,
    pub measure: Measure,
    /// Compares the ratio to the bare client in the same round, not the figure itself.
    pub relative: bool,
    pub must: f64,
    pub target: Option<f64>,
    pub stretch: Option<f64>,
}

/// The allocations of the email itself: seven strings and the list of tags.
const EMAIL: f64 = 8.0;

pub const GOALS: [Goal; 15] = [
    relative(Kind::OurHyper, Measure::Instructions, 0.75, Some(0.72), Some(0.62)),
    relative(Kind::OurHyper, Measure::Sequential, 1.05, Some(1.00), Some(0.85)),
    relative(Kind::OurHyper, Measure::InFlight, 1.10, Some(1.05), Some(0.85)),
    absolute(Kind::OurHyper, Measure::Allocations, 15.0 + EMAIL, Some(12.0 + EMAIL), Some(11.0 + EMAIL)),
    relative(Kind::OurReqwest, Measure::Instructions, 0.92, None, None),
    relative(Kind::OurReqwest, Measure::InFlight, 1.05, Some(1.00), None),
    absolute(Kind::OurReqwest, Measure::Allocations, 54.0 + EMAIL, Some(41.0 + EMAIL), None),
    absolute(Kind::OurHyper, Measure::Million, 24.0, Some(16.0), None),
    absolute(Kind::OurReqwest, Measure::Million, 24.0, Some(16.0), None),
    absolute(Kind::OurHyper, Measure::Growth, 1.10, None, None),
    absolute(Kind::OurReqwest, Measure::Growth, 1.10, None, None),
    absolute(Kind::OurHyper, Measure::Attachment, 1.30, Some(0.10), None),
    absolute(Kind::OurReqwest, Measure::Attachment, 1.30, Some(0.10), None),
    relative(Kind::OurHyper, Measure::Drop, 1.05, Some(1.00), None),
    relative(Kind::OurReqwest, Measure::Drop, 1.05, Some(1.00), None),
];

const fn relative(client: Kind, measure: Measure, must: f64, target: Option<f64>, stretch: Option<f64>) -> Goal {
    Goal { client, measure, relative: true, must, target, stretch }
}

const fn absolute(client: Kind, measure: Measure, must: f64, target: Option<f64>, stretch: Option<f64>) -> Goal {
    Goal { client, measure, relative: false, must, target, stretch }
}

impl Goal {
    /// The best level that a figure reaches.
    pub fn reached(&self, figure: f64) -> &'static str {
        let within = |limit: Option<f64>| limit.is_some_and(|limit| figure <= limit);
        match () {
            () if within(self.stretch) => "stretch",
            () if within(self.target) => "target",
            () if figure <= self.must => "must",
            () => "missed",
        }
    }
}
