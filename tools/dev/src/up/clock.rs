//! Another time than the machine's, for those who test what a clock does that jumps (`tools/faults`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::outside::Outside;

/// A file that says by how many seconds the services' clocks are wrong, such as `+240`. While it is not there they are right.
const FILE: &str = "WITAN_UP_CLOCK";
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// What a service needs to go by that file, if there is one.
pub(super) fn settings(outside: &Outside) -> Result<BTreeMap<String, String>> {
    let Some(file) = outside.get(FILE) else { return Ok(BTreeMap::new()) };
    let library = library().context("libfaketime is not installed: run ./scripts/packages faketime")?;
    let settings = [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.to_owned()),
        // How long ago something was does not jump, on no machine.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        // Seconds until the file is read again.
        ("FAKETIME_CACHE_DURATION", "1".to_owned()),
    ];
    Ok(settings.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Below the folder of the machine's architecture.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir(Path::new("/usr/lib")).ok()?;
    folders.flatten().map(|folder| folder.path().join(LIBRARY)).find(|library| library.is_file())
}
