use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Every Rust source below a folder, in a stable order.
pub(super) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The folders directly below `checkout/group`: `crates/*`, `services/*`.
pub(super) fn members(checkout: &Path, group: &str) -> Result<Vec<PathBuf>> {
    let mut members: Vec<PathBuf> =
        fs::read_dir(checkout.join(group))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    members.retain(|path| path.join("Cargo.toml").is_file());
    members.sort();
    Ok(members)
}
