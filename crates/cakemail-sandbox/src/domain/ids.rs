//! The only source of numbers, ids and secrets. It is seeded: the same commands in the same order yield the same
//! values.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Numbers are unique in the sandbox, so that no account can address an object of another one.
#[derive(Debug)]
pub(crate) struct Ids {
    source: Mutex<Source>,
    /// The beginnings of all secrets.
    secrets: Mutex<HashSet<u64>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Source {
    next: i64,
    seed: u64,
}

impl Default for Ids {
    fn default() -> Self {
        Self::of(Source { next: 1001, seed: fastrand::u64(..) })
    }
}

impl Ids {
    fn of(source: Source) -> Self {
        Self { source: Mutex::new(source), secrets: Mutex::default() }
    }

    pub(crate) fn next(&self) -> i64 {
        let mut source = self.source();
        source.next += 1;
        source.next - 1
    }

    pub(crate) fn uuid(&self) -> Uuid {
        let mut source = self.source();
        let mut random = fastrand::Rng::with_seed(source.seed);
        let id = uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid();
        source.seed = random.get_seed();
        id
    }

    /// A token or a key.
    pub(crate) fn secret(&self) -> String {
        let secret = format!("{}{}", self.uuid().simple(), self.uuid().simple());
        self.remember(&secret);
        secret
    }

    /// Remembers a secret that was issued before a restart.
    pub(super) fn remember(&self, secret: &str) {
        lock(&self.secrets).extend(beginning(secret));
    }

    /// Whether a word is a secret that was issued.
    pub(super) fn is_secret(&self, word: &str) -> bool {
        beginning(word).is_some_and(|beginning| lock(&self.secrets).contains(&beginning))
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        lock(&self.source)
    }
}

/// The first 16 of the 64 hexadecimal digits of a secret. They are random, so that no other word has the same.
fn beginning(secret: &str) -> Option<u64> {
    u64::from_str_radix(secret.get(..16)?, 16).ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Source::deserialize(deserializer).map(Self::of)
    }
}
