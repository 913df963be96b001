use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::process::{Child, Command};

use super::stop::Manners;
use crate::account::Account;

/// One long-running program, described so that it can be started again.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<String>,
    /// The whole environment of the program: nothing is inherited.
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) dir: PathBuf,
    pub(crate) account: Option<Account>,
    pub(crate) log: PathBuf,
    /// Show its output in the merged log (services), or keep it in the file alone (servers).
    pub(crate) show: bool,
    pub(crate) manners: Manners,
}

impl Spec {
    /// Starts the program in a process group of its own, so that a Ctrl-C in the
    /// terminal reaches only the supervisor, which then stops things in order.
    pub(crate) fn spawn(&self) -> Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .env_clear()
            .envs(&self.env)
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(account) = &self.account {
            command.as_std_mut().uid(account.uid).gid(account.gid);
        }
        if self.show {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        } else {
            let log = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.log)
                .with_context(|| format!("cannot write the log {}", self.log.display()))?;
            command.stdout(log.try_clone()?).stderr(log);
        }
        command.spawn().with_context(|| {
            format!("cannot start {} ({}): is it built and installed?", self.name, self.program.display())
        })
    }

    /// The last lines of the log, for the message about a program that died.
    pub(crate) fn last_words(&self, lines: usize) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let all: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}
