//! The command line of a service.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Runtime;
use witan_clock::Clock;
use witan_config::{Env, Mistakes};
use witan_lifecycle::Lifecycle;
use witan_telemetry::Telemetry;

use crate::{HostConfig, Service, Settings, migrations, openapi, run};

/// Work in the background is a handful of tasks that wait; requests have threads of their own.
const BACKGROUND_THREADS: usize = 2;
const RUNTIME_DEADLINE: Duration = Duration::from_secs(2);
/// The exit status of a wrong command line or configuration, as of many Unix tools.
const USAGE: u8 = 2;

/// The `main` of a service.
///
/// | command | does |
/// |---|---|
/// | `serve`, or none | serves until SIGTERM or SIGINT |
/// | `migrate` | brings the service's schema up to date |
/// | `check-config` | prints every mistake of the configuration |
/// | `openapi` | prints the OpenAPI document |
pub fn main<S: Service>() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] | ["serve"] => serve::<S>(&Env::process()),
        ["migrate"] => migrate::<S>(&Env::process()),
        ["check-config"] => check_config::<S>(&Env::process()),
        ["openapi"] => print_openapi::<S>(),
        _ => {
            eprintln!("usage: {} [serve | migrate | check-config | openapi]", program(S::NAME));
            ExitCode::from(USAGE)
        }
    }
}

/// The name that this program was called by.
pub(crate) fn program(service: &str) -> String {
    let called = std::env::args_os().next().map(std::path::PathBuf::from);
    let name =
        called.as_deref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| format!("witan-{service}"))
}

fn serve<S: Service>(env: &Env) -> ExitCode {
    let settings = match Settings::<S>::read(env) {
        Ok(settings) => settings,
        Err(mistakes) => return refuse(&mistakes),
    };
    with_runtime(S::NAME, &settings.host.clone(), async move {
        let lifecycle = Lifecycle::new();
        let running = run::start::<S>(settings, Clock::system(), lifecycle.clone(), None).await?;
        lifecycle.shutdown_signal().await;
        running.stop().await;
        Ok(())
    })
}

fn migrate<S: Service>(env: &Env) -> ExitCode {
    match Settings::<S>::read(env) {
        Ok(settings) => {
            with_runtime(S::NAME, &settings.host, migrations::apply::<S>(&settings.host.database))
        }
        Err(mistakes) => refuse(&mistakes),
    }
}

fn check_config<S: Service>(env: &Env) -> ExitCode {
    match Settings::<S>::read(env) {
        Ok(_) => {
            println!("the configuration of {} has no mistakes", S::NAME);
            ExitCode::SUCCESS
        }
        Err(mistakes) => refuse(&mistakes),
    }
}

fn print_openapi<S: Service>() -> ExitCode {
    match openapi::<S>().to_pretty_json() {
        Ok(document) => {
            println!("{document}");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error.into()),
    }
}

/// Runs `work` with telemetry around it: whatever happens, what was traced is exported before the process ends.
fn with_runtime(
    service: &str,
    host: &HostConfig,
    work: impl Future<Output = anyhow::Result<()>>,
) -> ExitCode {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error).context("no threads to run on")),
    };
    let telemetry = Telemetry::init(&format!("witan-{service}"), &host.telemetry);
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(RUNTIME_DEADLINE);
    telemetry.shutdown();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(BACKGROUND_THREADS)
        .thread_name("background")
        .enable_all()
        .build()
}

fn refuse(mistakes: &Mistakes) -> ExitCode {
    eprintln!("{mistakes}");
    ExitCode::from(USAGE)
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("{error:#}");
    ExitCode::FAILURE
}
