//! The workers of a run, and the faults that strike them.

use std::path::PathBuf;
use std::time::Instant;

use cakemail_postgres::Server;
use fastrand::Rng;
use rustix::process::Signal;

use crate::Result;
use crate::place::Place;
use crate::processes::{End, Process};
use crate::times::FROZEN;
use crate::traps::Action;
use crate::worker::Worker;

/// How many faults of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    pub kills: usize,
    pub freezes: usize,
    pub restarts: usize,
    /// Workers whose disk is full. They come with the others.
    pub full_disks: usize,
}

impl Faults {
    /// Whether there were as many of each kind.
    pub fn reach(self, wanted: Self) -> bool {
        self.kills >= wanted.kills && self.freezes >= wanted.freezes && self.restarts >= wanted.restarts
    }

    pub fn sum(self) -> usize {
        self.kills + self.freezes + self.restarts
    }
}

/// One of this many workers of an SQLite ledger has a full disk.
const FULL_DISK: u32 = 10;
/// What it can still write, in bytes.
const ROOM: u64 = 64 * 1024;

pub struct Fleet<'a> {
    place: Place,
    /// What all workers have in common.
    pub worker: Worker,
    pub server: Option<&'a Server>,
    /// How many are wanted.
    pub wanted: Faults,
    pub done: Faults,
    pub rng: Rng,
    workers: Vec<Process>,
    started: usize,
}

impl<'a> Fleet<'a> {
    pub fn start(size: usize, worker: Worker, server: Option<&'a Server>, wanted: Faults, seed: u64) -> Result<Self> {
        let (rng, place) = (Rng::with_seed(seed), Place(worker.ledger.clone()));
        let mut fleet =
            Self { place, worker, server, wanted, done: Faults::default(), rng, workers: Vec::new(), started: 0 };
        for _ in 0..size {
            let process = fleet.process(true)?;
            fleet.workers.push(process);
        }
        Ok(fleet)
    }

    /// One process, with traps for a fault that is wanted.
    fn process(&mut self, trapped: bool) -> Result<Process> {
        self.started += 1;
        let (kills, freezes) = (self.done.kills < self.wanted.kills, self.done.freezes < self.wanted.freezes);
        let traps = match (kills, freezes) {
            _ if !trapped => None,
            (true, true) => Some(if self.rng.bool() { Action::Kill } else { Action::Stop }),
            (true, false) => Some(Action::Kill),
            (false, true) => Some(Action::Stop),
            (false, false) => None,
        };
        let name = format!("worker_{}", self.started);
        let worker = Worker { name: name.clone(), traps, seed: self.rng.u64(..), ..self.worker.clone() };
        if trapped && self.server.is_none() && self.rng.u32(..FULL_DISK) == 0 {
            self.done.full_disks += 1;
            let size = self.place.largest_file()? + ROOM;
            return Process::start_limited(&name, &worker.arguments(), size);
        }
        Process::start(&name, &worker.arguments())
    }

    /// Replaces workers that were killed, and continues those that were stopped for long enough.
    pub async fn watch(&mut self) -> Result {
        for index in 0..self.workers.len() {
            let worker = &mut self.workers[index];
            match worker.ended()? {
                Some(End::Killed) => {
                    self.done.kills += 1;
                    self.workers[index] = self.process(true)?;
                    continue;
                }
                // It could not begin: its session was ended, the database was down, or a stopped process held its lock.
                Some(End::Failed) if worker.is_cut_off || self.wanted.restarts + self.wanted.freezes > 0 => {
                    self.workers[index] = self.process(true)?;
                    continue;
                }
                Some(end) => return Err(format!("a worker ended by itself: {end:?}").into()),
                None => {}
            }
            if worker.stopped.is_none() && worker.is_stopped() {
                worker.stopped = Some(Instant::now());
                // Without its lock, the others take its claims.
                if self.rng.bool() {
                    self.break_lock(index).await?;
                }
                continue;
            }
            let stopped = worker.stopped;
            if stopped.is_some_and(|stopped| stopped.elapsed() > FROZEN) {
                worker.stopped = None;
                worker.signal(Signal::CONT)?;
                self.done.freezes += 1;
            }
        }
        Ok(())
    }

    /// Strikes a random worker with a fault from outside.
    pub async fn strike(&mut self) -> Result {
        let index = self.rng.usize(..self.workers.len());
        let worker = &self.workers[index];
        match self.rng.u8(..3) {
            0 if self.done.kills < self.wanted.kills => worker.signal(Signal::KILL),
            1 if self.done.freezes < self.wanted.freezes => worker.signal(Signal::STOP),
            2 if self.rng.u8(..10) == 0 => self.break_lock(index).await,
            _ => Ok(()),
        }
    }

    /// Takes the lock of a worker's claims from it: ends its sessions in PostgreSQL, or deletes its files beside SQLite's.
    async fn break_lock(&mut self, index: usize) -> Result {
        let worker = &mut self.workers[index];
        if let Some(server) = self.server {
            worker.is_cut_off = true;
            let sql = "select pg_terminate_backend(pid) from pg_stat_activity where application_name";
            return server.execute(&format!("{sql} = '{}'", worker.name)).await;
        }
        let is_lock = |path: &PathBuf| path.to_string_lossy().contains("-owner-");
        for lock in worker.open_files()?.into_iter().filter(is_lock) {
            // The worker deletes it too, when it takes another one.
            let _ = std::fs::remove_file(lock);
        }
        Ok(())
    }

    /// Restarts the database as after a crash.
    pub async fn restart(&mut self) -> Result {
        let local = self.server.and_then(Server::local).ok_or("only a server of our own can be restarted")?;
        tokio::task::block_in_place(|| local.crash())?;
        self.done.restarts += 1;
        Ok(())
    }

    /// Replaces all workers by ones that nothing strikes.
    pub fn calm(&mut self) -> Result {
        self.worker.in_flight *= 8;
        for index in 0..self.workers.len() {
            self.workers[index] = self.process(false)?;
        }
        Ok(())
    }

    /// Asks all workers to end. Each must do so by itself.
    pub async fn shut_down(&mut self) -> Result {
        for worker in &mut self.workers {
            match worker.wait().await? {
                End::Done => {}
                end => return Err(format!("a worker that should end: {end:?}").into()),
            }
        }
        Ok(())
    }

    /// The highest peak of a worker's memory, in bytes.
    pub fn peak_memory(&self) -> u64 {
        self.workers.iter().filter_map(Process::peak_memory).max().unwrap_or_default()
    }
}
