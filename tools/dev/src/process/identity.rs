use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// A process as it can be recognised later: an id may be handed to somebody
/// else, an id together with its start time and boot may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) pid: i32,
    started: u64,
    boot: String,
}

impl Identity {
    /// The process behind `pid` now, or `None` when there is none (a zombie counts as none).
    pub(crate) fn of(pid: i32) -> Option<Self> {
        let started = start_time(pid)?;
        Some(Self { pid, started, boot: boot_id() })
    }

    pub(crate) fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        Some(Self {
            pid: words.next()?.parse().ok()?,
            started: words.next()?.parse().ok()?,
            boot: words.next()?.to_owned(),
        })
    }
}

/// The folder with one file per running process; it outlives the supervisor,
/// so the next start finds what a killed one left behind.
#[derive(Clone, Debug)]
pub(crate) struct PidFiles(PathBuf);

impl PidFiles {
    pub(crate) fn at(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    pub(crate) fn record(&self, name: &str, id: &Identity) -> Result<()> {
        fs::create_dir_all(&self.0)?;
        fs::write(self.path(name), format!("{} {} {}\n", id.pid, id.started, id.boot))
            .with_context(|| format!("cannot write {}", self.path(name).display()))
    }

    pub(crate) fn forget(&self, name: &str) {
        let _ = fs::remove_file(self.path(name));
    }

    /// Every recorded process, alive or not.
    pub(crate) fn all(&self) -> Vec<(String, Option<Identity>)> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| {
                let path = entry.path();
                let name = path.file_name()?.to_str()?.strip_suffix(".pid")?.to_owned();
                let identity = fs::read_to_string(&path).ok().and_then(|t| Identity::parse(&t));
                Some((name, identity))
            })
            .collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.pid"))
    }
}

/// Field 22 of `/proc/<pid>/stat`; the name in field 2 may contain anything, so
/// counting begins after its closing parenthesis.
fn start_time(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    let rest = stat.rsplit_once(')')?.1;
    let mut fields = rest.split_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_else(|_| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_another_start_time_is_not_it() {
        let me = Identity::of(std::process::id().try_into().unwrap()).unwrap();
        assert!(me.is_alive());
        let other = Identity { started: me.started + 1, ..me.clone() };
        assert!(!other.is_alive());
    }

    #[test]
    fn a_recorded_process_is_found_again() {
        let dir = std::env::temp_dir().join(format!("witan-pids-{}", std::process::id()));
        let files = PidFiles::at(&dir);
        let me = Identity::of(std::process::id().try_into().unwrap()).unwrap();
        files.record("me", &me).unwrap();
        assert_eq!(files.all(), vec![("me".to_owned(), Some(me))]);
        files.forget("me");
        assert!(files.all().is_empty());
        fs::remove_dir_all(dir).unwrap();
    }
}
