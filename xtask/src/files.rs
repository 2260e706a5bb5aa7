//! Where the workspace is.

use std::env;
use std::path::{Path, PathBuf};

/// The workspace's root.
///
/// The environment goes before the compiled path: two checkouts that share a target folder share this program as well.
pub fn root() -> PathBuf {
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&folder).parent().map_or_else(PathBuf::new, Path::to_owned)
}
