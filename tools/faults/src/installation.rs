//! What `./scripts/up` runs, seen from outside: its processes, its addresses, its secrets.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::process::Command;

const CONTROL: &str = "/usr/lib/rabbitmq/bin/rabbitmqctl";
/// `up` counts its ports from these.
const POSTGRES: u16 = 7432;
const EPMD: u16 = 7675;
const GATEWAY: u16 = 8080;

/// A running system.
pub(crate) struct Installation {
    folder: PathBuf,
    ready: Ready,
    offset: u16,
}

/// What it wrote down when it became ready.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    url: String,
    email: String,
    password: String,
}

impl Installation {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let folder = folder.canonicalize().context("there is no such installation: run ./scripts/up")?;
        let text = fs::read_to_string(folder.join("ready.json")).context("it is not running")?;
        let ready: Ready = serde_json::from_str(&text)?;
        let port = ready.url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
        let offset = port.and_then(|port| port.checked_sub(GATEWAY)).context("an address without a port")?;
        Ok(Self { folder, ready, offset })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.ready.url)
    }

    /// Address and password of the person it made.
    pub(crate) fn person(&self) -> (&str, &str) {
        (&self.ready.email, &self.ready.password)
    }

    /// As one who sees every row.
    pub(crate) fn database_url(&self) -> Result<String> {
        let password = self.secret("POSTGRES_PASSWORD")?;
        Ok(format!("postgres://postgres:{password}@127.0.0.1:{}/witan", POSTGRES + self.offset))
    }

    /// Sends a signal to a program by its name, such as `tenancy` or `rabbitmq`.
    pub(crate) fn signal(&self, program: &str, signal: Signal) -> Result<()> {
        let file = self.folder.join("run").join(format!("{program}.pid"));
        let text = fs::read_to_string(&file).with_context(|| format!("{program} does not run"))?;
        let pid = text.split_whitespace().next().and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
        kill_process(pid.context("no process id")?, signal)
            .with_context(|| format!("{program} cannot be reached"))
    }

    /// Sets the services' clocks wrong by so many seconds.
    pub(crate) fn set_clock(&self, ahead: i32) -> Result<()> {
        // Nobody reads half of it.
        let (file, new) = (self.folder.join("clock"), self.folder.join("clock.new"));
        fs::write(&new, format!("{ahead:+}\n"))?;
        fs::rename(new, file).context("the services' clocks")
    }

    /// Has the broker do something, as an operator on its machine would.
    pub(crate) async fn broker(&self, arguments: &[&str]) -> Result<()> {
        let home = self.folder.join("rabbitmq");
        let output = Command::new(CONTROL)
            .args(["-n", "witan-up@localhost"])
            .args(arguments)
            .env("HOME", &home)
            .env("RABBITMQ_CONF_ENV_FILE", home.join("none.conf"))
            .env("ERL_EPMD_PORT", (EPMD + self.offset).to_string())
            .output()
            .await
            .context(CONTROL)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "rabbitmqctl {}: {}", arguments.join(" "), said.trim());
        Ok(())
    }

    fn secret(&self, name: &str) -> Result<String> {
        let text = fs::read_to_string(self.folder.join("env")).context("the installation's secrets")?;
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        found.map(str::to_owned).with_context(|| format!("{name} is not among the installation's secrets"))
    }
}
