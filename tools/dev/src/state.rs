use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::account::Account;
use crate::process::PidFiles;

/// The checkout this tool belongs to: the nearest folder upwards with a `deploy/gateway`.
pub(crate) fn checkout() -> Result<PathBuf> {
    let here = std::env::current_dir()?;
    match here.ancestors().find(|dir| dir.join("deploy/gateway").is_dir()) {
        Some(root) => Ok(root.to_owned()),
        None => bail!("not inside a Witan checkout: change into it first"),
    }
}

/// `.witan/<folder>/`, as `Profile::folder` says: everything the private servers write.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) dir: PathBuf,
}

impl State {
    pub(crate) fn open(checkout: &Path, folder: &str, account: Option<&Account>) -> Result<Self> {
        let base = checkout.join(".witan");
        if account.is_some() && !others_may_enter(checkout) {
            place_elsewhere(&base, checkout)?;
        }
        let dir = base.join(folder);
        fs::create_dir_all(dir.join("log")).with_context(|| format!("cannot create {}", dir.display()))?;
        Ok(Self { dir: dir.canonicalize()? })
    }

    pub(crate) fn at(&self, part: &str) -> PathBuf {
        self.dir.join(part)
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.dir.join("log").join(format!("{name}.log"))
    }

    pub(crate) fn pid_files(&self) -> PidFiles {
        PidFiles::at(self.dir.join("run"))
    }

    /// Held as long as the returned file is open; a killed process lets go of it.
    pub(crate) fn lock(&self) -> Result<File> {
        let file = File::create(self.dir.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "already running from this checkout: stop it with Ctrl-C there, or `witan-dev down`; \
                     or run a second one beside it with WITAN_PORT_OFFSET=100"
                )
            }
            Err(TryLockError::Error(e)) => Err(e.into()),
        }
    }
}

/// Whether an account that is neither root nor the owner can reach `path`, as in
/// `/home/me/witan` and unlike `/root/witan`.
fn others_may_enter(path: &Path) -> bool {
    path.ancestors().all(|dir| fs::metadata(dir).is_ok_and(|m| m.permissions().mode() & 0o001 != 0))
}

/// A checkout under a closed home: the servers' account could not reach its own data,
/// so `.witan` becomes a link to a folder it can.
fn place_elsewhere(base: &Path, checkout: &Path) -> Result<()> {
    if base.is_symlink() {
        return Ok(());
    }
    let mut hash = DefaultHasher::new();
    checkout.hash(&mut hash);
    let target = PathBuf::from(format!("/var/lib/witan-dev/{:08x}", hash.finish() >> 32));
    fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
    if base.is_dir() {
        fs::remove_dir(base).with_context(|| {
            format!(
                "the servers' account cannot reach {}: move or remove it, the next start makes a link",
                base.display()
            )
        })?;
    }
    symlink(&target, base).with_context(|| format!("cannot link {}", base.display()))
}
