//! `up --detach` and `down`: the same supervisor, in the background.

use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use crate::account::Account;
use crate::outside::Outside;
use crate::process::{Identity, Printer, SERVICE, stop};
use crate::profile::{OFFSET, Profile};
use crate::state::{State, checkout};

pub(super) const SUPERVISOR: &str = "supervisor";
/// Written when everything is ready, removed when it no longer is.
pub(super) const READY: &str = "ready.json";
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts `witan-dev up` in the background and returns when it is ready or has failed.
pub(crate) async fn start(printer: &Printer) -> Result<u8> {
    let outside = Outside::read();
    let state = open_state(&outside)?;
    // Refuses before anything of a running one is touched; let go of, for the child to take.
    drop(state.lock()?);
    let _ = std::fs::remove_file(state.at(READY));
    let log = state.log("up");
    let out = File::create(&log)?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("up")
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .process_group(0)
        .spawn()
        .context("cannot start the supervisor")?;
    let deadline = Instant::now() + PATIENCE;
    while !state.at(READY).exists() {
        if child.try_wait()?.is_some() {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            bail!(
                "{}",
                text.lines().last().unwrap_or("it ended without a word").trim_start_matches("witan-dev: ")
            );
        }
        if Instant::now() > deadline {
            bail!("not ready within {} s: see {}", PATIENCE.as_secs(), log.display());
        }
        sleep(Duration::from_millis(50)).await;
    }
    printer.say(&format!(
        "Witan runs in the background; its log: {}. Stop it with `{}witan-dev down`.",
        log.display(),
        outside.get(OFFSET).map(|offset| format!("{OFFSET}={offset} ")).unwrap_or_default()
    ));
    printer.say(std::fs::read_to_string(state.at(READY))?.trim());
    Ok(0)
}

fn open_state(outside: &Outside) -> Result<State> {
    State::open(&checkout()?, &Profile::Up.folder(outside)?, Account::for_servers()?.as_ref())
}

/// Stops the supervisor, which stops the rest; or the rest itself when the supervisor is gone.
pub(crate) async fn down(printer: &Printer) -> Result<u8> {
    let state = open_state(&Outside::read())?;
    let supervisor = state.pid_files().all().into_iter().find(|(name, _)| name == SUPERVISOR);
    if let Some(id) = supervisor.and_then(|(_, id)| id).filter(Identity::is_alive) {
        stop(&id, SERVICE).await;
    }
    let leftovers = crate::stack::clean(&state).await;
    let _ = std::fs::remove_file(state.at(READY));
    printer.say(&leftovers.unwrap_or_else(|| "Nothing is running any more.".to_owned()));
    Ok(0)
}
