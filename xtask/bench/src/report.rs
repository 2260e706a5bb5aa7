//! The report of a run, as text or JSON, with the goals.

use serde::Serialize;

use crate::clients::Kind;
use crate::goals::{GOALS, Goal};
use crate::measure::Measure;
use crate::{Result, machine};

/// The figures of a client in each round.
pub struct Series {
    pub client: Kind,
    pub measure: Measure,
    pub rounds: Vec<f64>,
}

/// The report of a run.
#[derive(Serialize)]
pub struct Report {
    processor: String,
    cores: usize,
    https: bool,
    figures: Vec<Figure>,
    goals: Vec<Verdict>,
}

/// A median with its quartiles.
#[derive(Serialize, Clone, Copy)]
struct Quartiles {
    median: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct Figure {
    #[serde(serialize_with = "by_name")]
    client: Kind,
    measure: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    figure: Quartiles,
    /// Relative to the bare client in the same round.
    ratio: Quartiles,
    rounds: usize,
}

#[derive(Serialize)]
struct Verdict {
    #[serde(serialize_with = "by_name")]
    client: Kind,
    measure: &'static str,
    relative: bool,
    #[serde(flatten)]
    figure: Quartiles,
    must: f64,
    target: Option<f64>,
    stretch: Option<f64>,
    reached: &'static str,
    /// At least three quarters of the rounds missed the goal.
    failed: bool,
}

fn by_name<S: serde::Serializer>(kind: &Kind, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

impl Report {
    pub fn new(https: bool, series: &[Series]) -> Self {
        let figures = series.iter().filter_map(|one| {
            Some(Figure {
                client: one.client,
                measure: one.measure.name(),
                unit: one.measure.unit(),
                figure: Quartiles::of(one.rounds.clone())?,
                ratio: Quartiles::of(ratios(series, one)).unwrap_or(Quartiles { median: 1.0, low: 1.0, high: 1.0 }),
                rounds: one.rounds.len(),
            })
        });
        let goals = GOALS.iter().filter_map(|goal| Verdict::of(goal, series));
        Self {
            processor: machine::processor(),
            cores: machine::cores(),
            https,
            figures: figures.collect(),
            goals: goals.collect(),
        }
    }

    /// Prints the report. Returns whether all goals were met.
    pub fn print(&self, json: bool) -> Result<bool> {
        if json {
            println!("{}", serde_json::to_string_pretty(self)?);
        } else {
            self.print_table();
        }
        Ok(self.goals.iter().all(|goal| !goal.failed))
    }

    fn print_table(&self) {
        let scheme = if self.https { "https" } else { "http" };
        println!(
            "{}, {} cores, {scheme}; median (quartiles), then the ratio to the bare client",
            self.processor, self.cores
        );
        let mut measure = "";
        for line in &self.figures {
            if line.measure != measure {
                measure = line.measure;
                println!("\n{measure}, {}", line.unit);
            }
            let Quartiles { median, low, high } = line.figure;
            let ratio = line.ratio;
            println!(
                "  {:<24} {median:>10.2} ({low:.2} to {high:.2})   {:.3} ({:.3} to {:.3})",
                line.client, ratio.median, ratio.low, ratio.high
            );
        }
        println!("\ngoals");
        for goal in &self.goals {
            let basis = if goal.relative { "ratio" } else { "value" };
            let limits = [Some(goal.must), goal.target, goal.stretch].into_iter().flatten();
            let limits = limits.map(|limit| format!("{limit}")).collect::<Vec<_>>().join(" / ");
            let verdict = if goal.failed { "MISSED" } else { goal.reached };
            let name = format!("{}, {} ({basis})", goal.client, goal.measure);
            println!("  {name:<76} {:>8.3}  of {limits:<20} {verdict}", goal.figure.median);
        }
    }
}

impl Verdict {
    fn of(goal: &Goal, series: &[Series]) -> Option<Self> {
        let one = series.iter().find(|one| one.client == goal.client && one.measure == goal.measure)?;
        let figure = Quartiles::of(if goal.relative { ratios(series, one) } else { one.rounds.clone() })?;
        Some(Self {
            client: goal.client,
            measure: goal.measure.name(),
            relative: goal.relative,
            figure,
            must: goal.must,
            target: goal.target,
            stretch: goal.stretch,
            reached: goal.reached(figure.median),
            failed: figure.low > goal.must,
        })
    }
}

/// The ratios of a client to its bare client, round by round.
fn ratios(series: &[Series], one: &Series) -> Vec<f64> {
    let bare = series.iter().find(|bare| bare.client == one.client.bare() && bare.measure == one.measure);
    bare.map(|bare| one.rounds.iter().zip(&bare.rounds).map(|(ours, bare)| ours / bare).collect()).unwrap_or_default()
}

impl Quartiles {
    fn of(mut rounds: Vec<f64>) -> Option<Self> {
        rounds.sort_by(f64::total_cmp);
        let last = rounds.len().checked_sub(1)?;
        Some(Self { median: rounds[last.div_ceil(2)], low: rounds[last / 4], high: rounds[last - last / 4] })
    }
}

#[cfg(test)]
mod tests {
    use super::{Quartiles, Report, Series};
    use crate::clients::Kind;
    use crate::measure::Measure;

    fn run(ours: [f64; 4]) -> Report {
        let series = |client, rounds: [f64; 4]| Series { client, measure: Measure::Sequential, rounds: rounds.into() };
        Report::new(false, &[series(Kind::HyperUtil, [10.0; 4]), series(Kind::OurHyper, ours)])
    }

    #[test]
    fn quartiles_are_those_of_the_sorted_rounds() {
        let Quartiles { median, low, high } = Quartiles::of(vec![5.0, 1.0, 4.0, 2.0, 3.0]).unwrap();
        assert_eq!((low, median, high), (2.0, 3.0, 4.0));
        assert!(Quartiles::of(Vec::new()).is_none());
    }

    #[test]
    fn a_goal_fails_when_three_quarters_of_the_rounds_miss_it() {
        let verdict = |ours| (run(ours).goals[0].failed, run(ours).goals[0].reached);
        assert_eq!(verdict([9.0; 4]), (false, "target"));
        assert_eq!(verdict([11.0; 4]), (true, "missed"));
        assert_eq!(verdict([10.2, 10.2, 11.0, 11.0]), (false, "missed"));
    }
}
