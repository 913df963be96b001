use std::fs::File;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::account::Account;
use crate::keys::KeyRing;
use crate::outside::Outside;
use crate::process::{Printer, Supervisor, obituary};
use crate::profile::{Ports, Profile};
use crate::signals::Signals;
use crate::stack::{self, ServerKeys, Setting};
use crate::state::{State, checkout};

#[derive(Debug, Subcommand)]
pub(crate) enum StackCommand {
    /// Start the servers and leave them running.
    Start {
        #[arg(long, value_enum, default_value = "test")]
        profile: Profile,
    },
    /// Stop the servers that `start` left running, or that a crash left behind.
    Stop {
        #[arg(long, value_enum, default_value = "test")]
        profile: Profile,
    },
    /// Start the servers, run a command on them, stop them, and exit as the command did.
    Run {
        #[arg(long, value_enum, default_value = "test")]
        profile: Profile,
        /// The command and its arguments, after `--`.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

/// A stack with everything it borrows from.
struct Owned {
    profile: Profile,
    ports: Ports,
    state: State,
    account: Option<Account>,
    outside: Outside,
    keys: ServerKeys,
    _lock: File,
}

impl Owned {
    async fn open(profile: Profile, printer: &Printer) -> Result<Self> {
        let (outside, account) = (Outside::read(), Account::for_servers()?);
        let state = State::open(&checkout()?, &profile.folder(&outside)?, account.as_ref())?;
        let lock = state.lock()?;
        if let Some(said) = stack::clean(&state).await {
            printer.say(&said);
        }
        if !profile.is_durable() {
            // Tests begin with nothing: without fsync a crash may have spoilt the data.
            for server in ["postgres", "redis", "rabbitmq"] {
                let _ = std::fs::remove_dir_all(state.at(server));
            }
        }
        let secrets = state.at("secrets");
        let mut ring = KeyRing::open(&secrets)?;
        let keys = ServerKeys::from(&mut ring);
        ring.save(&secrets)?;
        Ok(Self { profile, ports: Ports::of(profile, &outside)?, state, account, outside, keys, _lock: lock })
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            profile: self.profile,
            ports: self.ports,
            state: &self.state,
            account: self.account.as_ref(),
            outside: &self.outside,
            keys: &self.keys,
        }
    }
}

pub(crate) async fn run(command: StackCommand) -> Result<u8> {
    let printer = Printer::for_terminal();
    match command {
        StackCommand::Start { profile } => start(profile, &printer).await,
        StackCommand::Stop { profile } => stop(profile, &printer).await,
        StackCommand::Run { profile, command } => run_on_stack(profile, &printer, &command).await,
    }
}

async fn start(profile: Profile, printer: &Printer) -> Result<u8> {
    let owned = Owned::open(profile, printer).await?;
    let mut supervisor = Supervisor::new(owned.state.pid_files(), printer.clone());
    bring_up(&owned.setting(), &mut supervisor, &mut Signals::listen()?).await?;
    for (name, value) in owned.setting().test_env() {
        printer.say(&format!("{name}={value}"));
    }
    Ok(0)
}

async fn stop(profile: Profile, printer: &Printer) -> Result<u8> {
    let folder = profile.folder(&Outside::read())?;
    let state = State::open(&checkout()?, &folder, Account::for_servers()?.as_ref())?;
    let _lock = state.lock()?;
    printer.say(&stack::clean(&state).await.unwrap_or_else(|| "Nothing was running.".to_owned()));
    Ok(0)
}

async fn run_on_stack(profile: Profile, printer: &Printer, command: &[String]) -> Result<u8> {
    let owned = Owned::open(profile, printer).await?;
    let mut supervisor = Supervisor::new(owned.state.pid_files(), printer.clone());
    let mut signals = Signals::listen()?;
    bring_up(&owned.setting(), &mut supervisor, &mut signals).await?;
    let outcome = supervise(&owned.setting(), command, &mut supervisor, &mut signals).await;
    if !matches!(outcome, Ok(0)) {
        stack::complaints(&owned.state).iter().for_each(|line| printer.say(line));
    }
    stack::stop(&mut supervisor).await;
    outcome
}

/// Starts and waits; whatever goes wrong, nothing is left running.
async fn bring_up(setting: &Setting<'_>, supervisor: &mut Supervisor, signals: &mut Signals) -> Result<()> {
    let http = crate::http::client(Duration::from_secs(2))?;
    let starting = async {
        stack::start(setting, supervisor).await?;
        stack::wait_all(setting, supervisor, &http).await
    };
    let outcome = tokio::select! {
        outcome = starting => outcome,
        () = signals.next() => Err(anyhow::anyhow!("interrupted")),
    };
    if outcome.is_err() {
        stack::stop(supervisor).await;
    }
    outcome
}

async fn supervise(
    setting: &Setting<'_>,
    command: &[String],
    supervisor: &mut Supervisor,
    signals: &mut Signals,
) -> Result<u8> {
    let (program, args) = command.split_first().context("no command given")?;
    let mut child = Command::new(program)
        .args(args)
        .envs(setting.test_env())
        .spawn()
        .with_context(|| format!("cannot run {program}"))?;
    tokio::select! {
        status = child.wait() => return Ok(exit_code(status?)),
        death = supervisor.next_death() => {
            let line = obituary(supervisor, &death);
            end(&mut child).await?;
            anyhow::bail!(line);
        }
        () = signals.next() => {}
    }
    end(&mut child).await
}

/// A Ctrl-C has reached the command as well, being in the terminal's group; a TERM has not.
async fn end(child: &mut Child) -> Result<u8> {
    if let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)) {
        let _ = kill_process(pid, Signal::TERM);
    }
    match tokio::time::timeout(Duration::from_secs(10), child.wait()).await {
        Ok(status) => Ok(exit_code(status?)),
        Err(_) => {
            child.kill().await?;
            Ok(137)
        }
    }
}

fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or_else(|| status.signal().map(|s| 128 + s));
    code.and_then(|c| u8::try_from(c).ok()).unwrap_or(1)
}
