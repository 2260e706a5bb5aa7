//! Workers, and one step of one email, over a ledger and an API in memory, on paused time.
#![cfg(test)]

mod api;
mod crashes;
mod dispatch;
mod drain;
mod failures;
mod ledger;
mod looks;
mod outcomes;
mod rate;
mod verdicts;
mod world;
