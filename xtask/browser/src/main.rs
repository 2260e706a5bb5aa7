//! The sandbox's pages in a real browser: what a person does there, and what hostile mail tries.
//!
//! chromedriver starts a headless Chromium with a profile of its own for each scenario, and this program drives it over
//! WebDriver. It needs Debian's `chromium` and `chromium-driver`, or the like, and curl.

use std::error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};

mod check;
mod driver;
mod listener;
mod page;
mod record;
mod scenarios;
mod shots;
mod stage;

use driver::Driver;
use scenarios::Scenario;
use stage::Stage;

type Error = Box<dyn error::Error + Send + Sync>;

/// What everything here returns: a sentence that says what is wrong, when something is.
type Result<T = ()> = std::result::Result<T, Error>;

/// Holds the sandbox's pages against a real browser.
#[derive(Parser)]
#[command(name = "cargo xtask browser")]
struct Arguments {
    /// The scenarios to play; all, when none is named.
    scenarios: Vec<Scenario>,
    /// Writes pictures of how each scenario ends: light, dark, and as wide as a phone.
    #[arg(long, value_name = "DIR")]
    shots: Option<PathBuf>,
}

fn main() -> ExitCode {
    match play(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play(arguments: Arguments) -> Result {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(play_all(arguments))
}

async fn play_all(Arguments { scenarios, shots }: Arguments) -> Result {
    let began = Instant::now();
    if let Some(folder) = &shots {
        fs::create_dir_all(folder)?;
    }
    let driver = Driver::start().await?;
    let wanted = if scenarios.is_empty() { Scenario::value_variants().to_vec() } else { scenarios };
    let mut failed = 0;
    for scenario in &wanted {
        let began = Instant::now();
        let outcome = play_one(&driver, *scenario, shots.as_deref()).await;
        let sign = if outcome.is_ok() { '✓' } else { '✗' };
        println!("{sign} {:<13} {:>5.1} s  {}", scenario.name(), began.elapsed().as_secs_f64(), scenario.proves());
        if let Err(error) = outcome {
            failed += 1;
            println!("{}", format!("\n{error}").replace('\n', "\n    "));
        }
    }
    println!("{} scenarios in {:.1} s", wanted.len(), began.elapsed().as_secs_f64());
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {} failed", wanted.len()).into()) }
}

/// A scenario, what has to hold after any of them, and the pictures.
async fn play_one(driver: &Driver, scenario: Scenario, shots: Option<&Path>) -> Result {
    let mut stage = Stage::set(driver, shots.is_some()).await?;
    let played = scenario.play(driver, &mut stage).await;
    let held = match played {
        Ok(()) => check::everywhere(&stage).await,
        failed => failed,
    };
    if let Some(folder) = shots {
        shots::write(&mut stage, scenario.name(), folder).await?;
    }
    let base = stage.sandbox.url().to_owned();
    let record = stage.page.close().await?;
    held?;
    check::stayed(&record, &base)
}
