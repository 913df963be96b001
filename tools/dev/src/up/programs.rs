//! What `up` runs besides the servers of the stack.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use super::clock;
use super::installation::Installation;
use crate::account::{Account, hand_over, private_dir};
use crate::gateway::openapi;
use crate::gateway::render::{Place, Rate, Tls, nginx};
use crate::gateway::site;
use crate::gateway::table::{SERVICES, Table};
use crate::process::{PROMPT, SERVICE, Spec};
use crate::stack::Setting;

pub(super) const TRACES: &str = "traces";
pub(super) const GATEWAY: &str = "nginx";

pub(super) fn service(name: &str, i: &Installation, s: &Setting<'_>) -> Result<Spec> {
    let mut env = i.env(s);
    env.extend(clock::settings(s.outside)?);
    Ok(Spec {
        name: name.to_owned(),
        program: i.program(&format!("witan-{name}")),
        args: vec!["serve".to_owned()],
        env,
        dir: i.checkout.clone(),
        account: None,
        log: s.state.log(name),
        show: true,
        manners: SERVICE,
    })
}

pub(super) fn traces(i: &Installation, s: &Setting<'_>) -> Spec {
    let listen = format!("127.0.0.1:{}", i.traces_port());
    Spec {
        name: TRACES.to_owned(),
        program: i.program("witan"),
        args: ["traces", "serve", "--listen", &listen].map(str::to_owned).to_vec(),
        env: s.outside.essentials(),
        dir: i.checkout.clone(),
        account: None,
        log: s.state.log(TRACES),
        show: true,
        manners: PROMPT,
    }
}

/// Runs `<service> migrate`; its output goes to the service's log.
pub(super) async fn migrate(name: &str, i: &Installation, s: &Setting<'_>) -> Result<()> {
    let program = i.program(&format!("witan-{name}"));
    let output = Command::new(&program)
        .arg("migrate")
        .env_clear()
        .envs(i.env(s))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("cannot run {}: build it with ./scripts/up", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let log = s.state.log(&format!("{name}-migrate"));
    fs::write(&log, [output.stdout.as_slice(), &output.stderr].concat())?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    bail!(
        "the migrations of {name} failed: {} - see {}",
        said.lines().last().unwrap_or_default(),
        log.display()
    )
}

/// Renders the configuration and the site, then describes nginx itself.
pub(super) async fn gateway(i: &Installation, s: &Setting<'_>) -> Result<Spec> {
    let program = s.outside.program("nginx", "nginx-light")?;
    let table = Table::read(&i.checkout)?;
    let document = openapi::merge(&super::documents(&i.programs).await?)?;
    let run_dir = s.state.at("nginx");
    // All of it is rendered or logged anew.
    let _ = fs::remove_dir_all(&run_dir);
    private_dir(&run_dir, s.account)?;
    let place = Place {
        listen: vec![format!("127.0.0.1:{}", i.gateway_port())],
        tls: tls(i, s),
        upstreams: SERVICES.map(|n| (n.to_owned(), vec![format!("127.0.0.1:{}", i.public_port(n))])).into(),
        workers: "1",
        site: run_dir.join("site"),
        access_log: run_dir.join("access.log").display().to_string(),
        error_log: "stderr".to_owned(),
        rate: Rate::LAPTOP,
        run_dir: run_dir.clone(),
    };
    site::write(&place.site, &document)?;
    let config = run_dir.join("nginx.conf");
    fs::write(&config, nginx(&i.checkout, &table, &place)?)?;
    hand_over(&config, s.account)?;
    check_configuration(&program, &config, &run_dir, s.account).await?;
    Ok(Spec {
        name: GATEWAY.to_owned(),
        program,
        args: nginx_args(&config, &run_dir),
        env: s.outside.essentials(),
        dir: run_dir,
        account: s.account.cloned(),
        log: s.state.log(GATEWAY),
        show: false,
        manners: PROMPT,
    })
}

fn nginx_args(config: &Path, run_dir: &Path) -> Vec<String> {
    let text = |path: &Path| path.display().to_string();
    vec!["-p".to_owned(), text(run_dir), "-c".to_owned(), text(config), "-e".to_owned(), "stderr".to_owned()]
}

/// TLS when both files are named: `GATEWAY_TLS_CERTIFICATE` and `GATEWAY_TLS_KEY`.
fn tls(i: &Installation, s: &Setting<'_>) -> Option<Tls> {
    let env = i.env(s);
    Some(Tls {
        listen: format!("127.0.0.1:{}", 8443 + i.offset),
        certificate: env.get("GATEWAY_TLS_CERTIFICATE")?.into(),
        key: env.get("GATEWAY_TLS_KEY")?.into(),
    })
}

/// As the account that nginx will run under: the check opens its logs, and whoever makes a file owns it.
async fn check_configuration(
    program: &Path,
    config: &Path,
    run_dir: &Path,
    account: Option<&Account>,
) -> Result<()> {
    let mut command = Command::new(program);
    command.args(nginx_args(config, run_dir)).arg("-t").current_dir(run_dir);
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    let output = command.output().await?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|l| l.contains("[emerg]")).unwrap_or("no reason given");
    bail!("nginx refuses the gateway's configuration: {line}")
}
