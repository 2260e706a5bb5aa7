//! DKIM keys.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct DkimKey {
    pub(crate) id: i64,
    pub(crate) selector: String,
    pub(crate) domain: String,
    pub(crate) public_key: String,
}
