use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use super::Setting;
use crate::account::{private_dir, private_file};
use crate::process::{Identity, POSTGRES, Spec};
use crate::profile::Profile;

const OLDEST: u32 = 15;

/// The folder of the newest PostgreSQL the distribution installed.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|v| v.file_name().to_str()?.parse::<u32>().ok())
        .filter(|v| Path::new(&format!("/usr/lib/postgresql/{v}/bin/initdb")).is_file())
        .max();
    match newest {
        Some(version) if version >= OLDEST => Ok(format!("/usr/lib/postgresql/{version}/bin").into()),
        Some(version) => bail!(
            "PostgreSQL {version} is installed and {OLDEST} or newer is needed: add https://apt.postgresql.org and install postgresql-{OLDEST}"
        ),
        None => bail!("PostgreSQL is not installed: run ./scripts/up, or `apt-get install postgresql`"),
    }
}

pub(super) async fn spec(s: &Setting<'_>) -> Result<Spec> {
    let programs = programs()?;
    let dir = s.state.at("postgres");
    private_dir(&dir, s.account)?;
    let data = dir.join("data");
    if !data.is_dir() {
        create(s, &programs, &dir, &data).await?;
    }
    remove_stale_lock(&data)?;
    let mut args =
        vec!["-D".to_owned(), data.display().to_string(), "-p".to_owned(), s.ports.postgres.to_string()];
    // TCP only: the path of a socket may not exceed 107 bytes, that of a checkout may.
    let mut settings =
        vec!["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=400", "timezone=UTC"];
    if !s.profile.is_durable() {
        settings.extend(["fsync=off", "full_page_writes=off", "synchronous_commit=off"]);
        // A measurement lasts a minute, which is how often it is looked whether there is something to do otherwise.
        settings.push(if s.profile == Profile::Bench { "autovacuum_naptime=10s" } else { "autovacuum=off" });
        // Nobody's DROP DATABASE gets past a log-in that was begun and never ended (a minute, otherwise), and a test
        // that ends leaves such.
        settings.push("authentication_timeout=2s");
    }
    args.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting.to_owned()]));
    Ok(Spec {
        name: "postgres".to_owned(),
        program: programs.join("postgres"),
        args,
        env: s.env(&dir),
        dir,
        account: s.account.cloned(),
        log: s.state.log("postgres"),
        show: false,
        manners: POSTGRES,
    })
}

/// Initialises beside the final place and renames, so that an interrupted attempt
/// is never taken for a cluster.
async fn create(s: &Setting<'_>, programs: &Path, dir: &Path, data: &Path) -> Result<()> {
    let unfinished = dir.join("data.unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let password = dir.join("password");
    private_file(&password, &s.keys.postgres, s.account)?;
    let mut command = Command::new(programs.join("initdb"));
    command
        .arg("-D")
        .arg(&unfinished)
        .args([
            "-U",
            "postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=scram-sha-256",
            "--no-sync",
            "--no-instructions",
        ])
        .arg(format!("--pwfile={}", password.display()))
        .env_clear()
        .envs(s.env(dir))
        .current_dir(dir)
        .stdin(Stdio::null());
    if let Some(account) = s.account {
        command.uid(account.uid).gid(account.gid);
    }
    let output = command.output().await.context("cannot run initdb")?;
    fs::remove_file(&password)?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!(
            "PostgreSQL could not create its data folder: {}",
            why.lines().last().unwrap_or("no reason given")
        );
    }
    fs::rename(&unfinished, data).context("cannot move the new data folder into place")
}

/// PostgreSQL refuses to start over a lock file whose process id now belongs to another
/// program of the same account. Our own leftovers are stopped by now.
fn remove_stale_lock(data: &Path) -> Result<()> {
    let lock = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&lock) else {
        return Ok(());
    };
    let pid = text.lines().next().and_then(|l| l.trim().parse::<i32>().ok());
    let Some(pid) = pid.filter(|pid| Identity::of(*pid).is_some()) else {
        return Ok(fs::remove_file(lock)?);
    };
    let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    if command.contains(&*data.to_string_lossy()) {
        bail!("a PostgreSQL of this checkout still runs (pid {pid}): stop it with `kill -INT {pid}`");
    }
    Ok(fs::remove_file(lock)?)
}

pub(super) async fn is_ready(s: &Setting<'_>) -> bool {
    tokio_postgres::connect(&s.postgres_url(), tokio_postgres::NoTls).await.is_ok()
}
