//! DKIM keys.

use serde::{Deserialize, Serialize};

use super::index::{Key, Row};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DkimKey {
    pub(crate) id: i64,
    pub(crate) selector: String,
    pub(crate) domain: String,
    pub(crate) public_key: String,
}

impl Row for DkimKey {
    const TERMS: &'static [&'static str] = &["id"];

    fn key(&self, term: &str) -> Key<'_> {
        if term == "id" { Key::Number(self.id) } else { Key::None }
    }
}
