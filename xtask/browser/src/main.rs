//! Tests the sandbox's web inbox in a real browser, including hostile emails.
//!
//! chromedriver starts a headless Chromium with a new profile for each scenario, and this program controls it over
//! WebDriver. It needs curl, and Debian's `chromium` and `chromium-driver` or their equivalents.

use std::error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{Parser, ValueEnum};

mod checks;
mod driver;
mod http_server;
mod net_log;
mod page;
mod scenarios;
mod screenshots;
mod test_bed;

use driver::Driver;
use scenarios::Scenario;
use test_bed::TestBed;

type Error = Box<dyn error::Error + Send + Sync>;

/// The error is a sentence that says what is wrong.
type Result<T = ()> = std::result::Result<T, Error>;

/// Tests the sandbox's web inbox in a real browser.
#[derive(Parser)]
#[command(name = "cargo xtask browser")]
struct Arguments {
    /// The scenarios to run; all by default.
    scenarios: Vec<Scenario>,
    /// Writes screenshots of the end of each scenario: light, dark, and phone-sized.
    #[arg(long, value_name = "DIR")]
    shots: Option<PathBuf>,
    /// Loads the pages through nginx, with TLS and a path.
    #[arg(long)]
    behind_nginx: bool,
    /// The file `axe.min.js` of the npm package axe-core, which then checks the accessibility of every page.
    #[arg(long, value_name = "FILE")]
    axe: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result {
    cakemail_sandbox_proxy::use_ring();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run_all(arguments))
}

async fn run_all(Arguments { scenarios, shots, behind_nginx, axe }: Arguments) -> Result {
    let began = Instant::now();
    if let Some(folder) = &shots {
        fs::create_dir_all(folder)?;
    }
    let axe: Option<Arc<str>> = axe.map(fs::read_to_string).transpose()?.map(Into::into);
    let driver = Driver::start().await?;
    let scenarios = if scenarios.is_empty() { Scenario::value_variants().to_vec() } else { scenarios };
    let mut failed = 0;
    for scenario in &scenarios {
        let began = Instant::now();
        let outcome = run_one(&driver, *scenario, axe.clone(), shots.as_deref(), behind_nginx).await;
        let sign = if outcome.is_ok() { '✓' } else { '✗' };
        println!("{sign} {:<13} {:>5.1} s  {}", scenario.name(), began.elapsed().as_secs_f64(), scenario.description());
        if let Err(error) = outcome {
            failed += 1;
            println!("{}", format!("\n{error}").replace('\n', "\n    "));
        }
    }
    println!("{} scenarios in {:.1} s", scenarios.len(), began.elapsed().as_secs_f64());
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {} failed", scenarios.len()).into()) }
}

/// Runs a scenario and the checks that apply after every scenario, and takes screenshots.
async fn run_one(
    driver: &Driver,
    scenario: Scenario,
    axe: Option<Arc<str>>,
    shots: Option<&Path>,
    behind_nginx: bool,
) -> Result {
    let mut bed = TestBed::start(driver, shots.is_some(), behind_nginx).await?;
    bed.axe = axe;
    let outcome = scenario.run(driver, &mut bed).await;
    let outcome = match outcome {
        Ok(()) => checks::after_scenario(&bed).await,
        failed => failed,
    };
    if let Some(folder) = shots {
        screenshots::write(&mut bed, scenario.name(), folder).await?;
    }
    let base = bed.sandbox.url().to_owned();
    let net_log = bed.page.close().await?;
    outcome?;
    checks::no_external_requests(&net_log, &base, &bed.allowed)
}
