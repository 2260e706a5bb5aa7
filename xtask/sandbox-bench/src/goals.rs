//! The goals, and the report.

use std::time::Duration;

use crate::curves::{Curves, Point};
use crate::waiters::Waiting;

/// A request at the greatest number of emails may take this many times what it takes at the least.
const GROWTH: f64 = 1.5;
/// Growth below this time is that of the machine.
const NOISE: Duration = Duration::from_micros(300);
const REQUEST: Duration = Duration::from_millis(5);
const SUBMIT: Duration = Duration::from_micros(250);
const RESIDENT: u64 = 250_000_000;
const EXPORT: f64 = 1.2;
const START: Duration = Duration::from_secs(1);
const WAITING: f64 = 1.2;

/// The goals of a run, and whether each was met.
struct Goals {
    all_met: bool,
}

impl Goals {
    fn check(&mut self, met: bool) -> &'static str {
        self.all_met &= met;
        if met { "" } else { "  MISSED" }
    }
}

/// Prints the figures. Returns whether every goal was met.
pub fn print(curves: &Curves, waiting: &Waiting) -> bool {
    let mut goals = Goals { all_met: true };
    let (Some(first), Some(last)) = (curves.points.first(), curves.points.last()) else { return false };
    let heads: String = curves.points.iter().map(|point| format!("{:>10}", point.emails)).collect();
    println!("{:<26}{heads}   growth", "median in ms, emails:");
    for (place, (name, most)) in last.requests.iter().enumerate() {
        let times = |point: &Point| format!("{:>10.3}", millis(point.requests[place].1));
        let row: String = curves.points.iter().map(times).collect();
        let growth = ratio(*most, first.requests[place].1);
        let mark = goals.check(*most < REQUEST && (growth <= GROWTH || *most < NOISE));
        println!("{name:<26}{row}   {growth:.2}{mark}");
    }
    let row: String = curves.points.iter().map(|point| format!("{:>10.3}", millis(point.submit))).collect();
    println!("{:<26}{row}   {:.2}{}", "submit", ratio(last.submit, first.submit), goals.check(last.submit <= SUBMIT));
    let row: String = curves.points.iter().map(|point| format!("{:>10.1}", megabytes(point.resident))).collect();
    println!("{:<26}{row}   {}", "memory, MB", goals.check(last.resident <= RESIDENT).trim());
    let row: String = curves.points.iter().map(|point| format!("{:>10.1}", megabytes(point.export_peak))).collect();
    let growth = last.export_peak as f64 / last.resident as f64;
    println!("{:<26}{row}   {growth:.2} of before{}", "… at most in an export", goals.check(growth <= EXPORT));
    let size = last.export_bytes as f64 / 1e6;
    println!("export of {size:.0} MB: {:.0} ms", millis(last.export));
    println!("start with the file, after a kill: {:.0} ms{}", millis(curves.start), goals.check(curves.start <= START));
    let growth = ratio(waiting.with, waiting.without);
    println!(
        "50 sends: {:.1} ms; with 50 clients that wait for words: {:.1} ms, {growth:.2} of that{}",
        millis(waiting.without),
        millis(waiting.with),
        goals.check(growth <= WAITING),
    );
    goals.all_met
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
