//! The `cakemail` command: sends and tracks email, online or against the sandbox.

mod args;
mod commands;
mod connection;
mod error;
mod logging;
mod output;
mod signals;
mod value_parsers;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    let json = args.global.json;
    logging::start(args.global.verbose, args.command.is_worker());
    match commands::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(json),
    }
}
