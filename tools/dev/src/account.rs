use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The unprivileged account the servers run under when we are root: PostgreSQL
/// refuses root, and the others have no need of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// `None` when we are not root: everything then runs as ourselves.
    pub(crate) fn for_servers() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        match ["witan", "postgres"].iter().find_map(|name| find(&passwd, name)) {
            Some(account) => Ok(Some(account)),
            None => bail!(
                "PostgreSQL will not run as root and there is no account for it: run `useradd --system witan`"
            ),
        }
    }
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    let line = passwd.lines().find(|l| l.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Account { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

/// Creates a folder only its owner can enter, and gives it to `account`.
pub(crate) fn private_dir(path: &Path, account: Option<&Account>) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    hand_over(path, account)
}

/// Writes a file only its owner can read, and gives it to `account`.
pub(crate) fn private_file(path: &Path, text: &str, account: Option<&Account>) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    // A read-only file of an earlier run (the Erlang cookie) is replaced, not reopened.
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    hand_over(path, account)
}

pub(crate) fn hand_over(path: &Path, account: Option<&Account>) -> Result<()> {
    match account {
        Some(a) => chown(path, Some(a.uid), Some(a.gid))
            .with_context(|| format!("cannot hand {} to the servers' account", path.display())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_an_account_by_its_whole_name() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\npostgresql:x:9:9::/:/bin/sh\npostgres:x:104:110:,,,:/var:/bin/sh\n";
        assert_eq!(find(passwd, "postgres"), Some(Account { uid: 104, gid: 110 }));
        assert_eq!(find(passwd, "witan"), None);
    }
}
