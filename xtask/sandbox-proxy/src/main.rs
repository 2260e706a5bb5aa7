//! Tests the sandbox behind nginx and Traefik, as `docs/shared-sandbox.md` has them: TLS, a path, and a name of its own.

use std::process::ExitCode;

use cakemail_sandbox_proxy::{Program, Result, walk};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result {
    for program in [Program::Nginx, Program::Traefik] {
        if program.path().is_none() {
            if std::env::var("CI").as_deref() == Ok("true") {
                return Err(format!("{} is not installed", program.name()).into());
            }
            println!("not run: {} is not installed", program.name());
            continue;
        }
        for variant in program.variants() {
            println!("{}, {variant:?}", program.name());
            let seen = walk(program, *variant).await;
            for line in seen.map_err(|error| format!("{}, {variant:?}: {error}", program.name()))? {
                println!("  ✓ {line}");
            }
        }
    }
    Ok(())
}
