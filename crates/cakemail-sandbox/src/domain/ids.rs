//! The only source of numbers, ids and secrets. It is seeded: the same commands in the same order yield the same
//! values.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Numbers are unique in the sandbox, so that no account can address an object of another one.
#[derive(Debug)]
pub(crate) struct Ids(Mutex<Source>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Source {
    next: i64,
    seed: u64,
}

impl Default for Ids {
    fn default() -> Self {
        Self(Mutex::new(Source { next: 1001, seed: fastrand::u64(..) }))
    }
}

impl Ids {
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
        format!("{}{}", self.uuid().simple(), self.uuid().simple())
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Source::deserialize(deserializer).map(|source| Self(Mutex::new(source)))
    }
}
