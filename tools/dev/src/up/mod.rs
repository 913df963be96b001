//! `witan-dev up`: everything, in the order it needs, until Ctrl-C.
//!
//! The servers start side by side; the schemas are made as soon as PostgreSQL answers,
//! while the broker is still on its way; then the services, the gateway and the demo person.

mod clock;
pub(crate) mod database;
pub(crate) mod detach;
pub(crate) mod installation;
mod programs;
mod seed;
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::Instant;

use crate::account::Account;
use crate::gateway::table::SERVICES;
use crate::keys::KeyRing;
use crate::outside::Outside;
use crate::process::{Identity, Printer, Supervisor};
use crate::profile::{Ports, Profile, require_free};
use crate::signals::Signals;
use crate::stack::{self, ServerKeys, Setting};
use crate::state::{State, checkout};
use installation::Installation;

/// Runs until interrupted. Whatever happens, nothing is left running.
pub(crate) async fn run(printer: &Printer) -> Result<u8> {
    let began = Instant::now();
    let (checkout, outside, account) = (checkout()?, Outside::read(), Account::for_servers()?);
    let state = State::open(&checkout, &Profile::Up.folder(&outside)?, account.as_ref())?;
    let _lock = state.lock()?;
    if let Some(said) = stack::clean(&state).await {
        printer.say(&said);
    }
    record_supervisor(&state)?;
    let mut ring = KeyRing::open(&state.at("env"))?;
    let keys = ServerKeys::from(&mut ring);
    let setting = Setting {
        profile: Profile::Up,
        ports: Ports::of(Profile::Up, &outside)?,
        state: &state,
        account: account.as_ref(),
        outside: &outside,
        keys: &keys,
    };
    let installation = Installation::new(&checkout, &setting, &mut ring, programs_dir()?)?;
    ring.save(&state.at("env"))?;

    let mut signals = Signals::listen()?;
    let mut supervisor = Supervisor::new(state.pid_files(), printer.clone());
    let outcome = tokio::select! {
        outcome = serve(&installation, &setting, &mut supervisor, printer, began) => outcome,
        () = signals.next() => {
            printer.say("Stopping.");
            Ok(130)
        }
    };
    let _ = fs::remove_file(state.at(detach::READY));
    tokio::select! {
        () = stop_in_order(&mut supervisor) => {}
        () = signals.next() => supervisor.kill_all(),
    }
    state.pid_files().forget(detach::SUPERVISOR);
    outcome
}

async fn serve(
    i: &Installation,
    s: &Setting<'_>,
    supervisor: &mut Supervisor,
    printer: &Printer,
    began: Instant,
) -> Result<u8> {
    let http = crate::http::client(Duration::from_secs(5))?;
    require_free(i.ports())?;
    for name in SERVICES.iter().chain(&[programs::TRACES, programs::GATEWAY]) {
        let _ = fs::remove_file(s.state.log(name));
    }
    printer.say("Starting PostgreSQL, Redis and RabbitMQ.");
    stack::start(s, supervisor).await?;
    supervisor.start(programs::traces(i, s))?;
    stack::wait_postgres(s, supervisor).await?;
    database::prepare(i, s).await?;
    printer.say("Migrating.");
    futures_util::future::try_join_all(SERVICES.map(|name| programs::migrate(name, i, s))).await?;
    stack::wait_all(s, supervisor, &http).await?;
    printer.say("Starting the services.");
    for name in SERVICES {
        supervisor.start(programs::service(name, i, s)?)?;
    }
    supervisor.start(programs::gateway(i, s).await?)?;
    for name in SERVICES {
        let url = format!("http://127.0.0.1:{}/ready", i.internal_port(name));
        stack::until_ready(name, supervisor, async || answers(&http, &url).await).await?;
    }
    let health = format!("{}/health", i.public_url());
    stack::until_ready(programs::GATEWAY, supervisor, async || answers(&http, &health).await).await?;
    let workspace = seed::demo_person(&i.public_url(), &i.mail, &i.demo_password, &http).await;
    announce(i, s, printer, began, workspace)?;
    watch::watch(supervisor, printer).await;
    Ok(0)
}

async fn answers(http: &reqwest::Client, url: &str) -> bool {
    http.get(url).send().await.is_ok_and(|answer| answer.status().is_success())
}

/// First what takes requests, then what works, then what is worked on.
async fn stop_in_order(supervisor: &mut Supervisor) {
    supervisor.stop(|name| name == programs::GATEWAY).await;
    supervisor.stop(|name| SERVICES.contains(&name)).await;
    supervisor.stop(|name| name == programs::TRACES).await;
    stack::stop(supervisor).await;
}

fn record_supervisor(state: &State) -> Result<()> {
    let me = Identity::of(i32::try_from(std::process::id())?).context("cannot read /proc: is it mounted?")?;
    state.pid_files().record(detach::SUPERVISOR, &me)
}

/// The services are built beside this tool.
pub(crate) fn programs_dir() -> Result<PathBuf> {
    Ok(std::env::current_exe()?.parent().context("this program has no folder")?.to_owned())
}

/// Each service's own OpenAPI document, as its program prints it.
pub(crate) async fn documents(programs: &Path) -> Result<BTreeMap<String, Value>> {
    let each = SERVICES.map(|name| async move {
        let program = programs.join(format!("witan-{name}"));
        let output = Command::new(&program).arg("openapi").output().await.with_context(|| {
            format!("cannot run {}: build it with `cargo build --workspace`", program.display())
        })?;
        if !output.status.success() {
            bail!("{name} cannot describe its API: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let document = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{name} openapi printed no JSON"))?;
        Ok((name.to_owned(), document))
    });
    Ok(futures_util::future::try_join_all(each).await?.into_iter().collect())
}

fn announce(
    i: &Installation,
    s: &Setting<'_>,
    printer: &Printer,
    began: Instant,
    seeded: Result<String>,
) -> Result<()> {
    let url = i.public_url();
    printer.say(&format!("\nWitan is ready after {:.1} s.", began.elapsed().as_secs_f32()));
    let mut lines = vec![
        ("API", format!("{url}/api/v1")),
        ("API page", format!("{url}/docs/")),
        ("mail", i.mail.display().to_string()),
        ("traces", format!("{} traces tail --url {}", i.program("witan").display(), i.traces_url())),
        (
            "broker",
            format!(
                "http://127.0.0.1:{} (witan, password in {})",
                s.ports.amqp_management,
                s.state.at("env").display()
            ),
        ),
        ("logs", s.state.at("log").display().to_string()),
    ];
    match &seeded {
        Ok(workspace) => {
            lines.insert(2, ("log in as", format!("{} with password {}", seed::EMAIL, i.demo_password)));
            lines.insert(3, ("workspace", workspace.clone()));
        }
        Err(error) => printer.say(&format!("The demo workspace could not be made: {error:#}")),
    }
    for (what, value) in &lines {
        printer.say(&format!("  {what:<10} {value}"));
    }
    printer.say("Ctrl-C stops everything.\n");
    let ready = json!({
        "url": url,
        "tracesUrl": i.traces_url(),
        "mailFolder": i.mail,
        "email": seed::EMAIL,
        "password": i.demo_password,
        "workspaceId": seeded.as_ref().ok(),
    });
    crate::account::private_file(&s.state.at(detach::READY), &serde_json::to_string_pretty(&ready)?, None)
}
