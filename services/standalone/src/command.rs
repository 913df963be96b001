use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use witan_config::Env;
use witan_lifecycle::Lifecycle;
use witan_telemetry::Telemetry;

use crate::all;

/// The exit status of a wrong configuration, as of the single services.
const USAGE: u8 = 2;

pub(crate) fn serve(env: &Env) -> ExitCode {
    run(env, async {
        let process = Lifecycle::new();
        let running = all::start(env).await?;
        process.shutdown_signal().await;
        all::stop(running).await;
        Ok(())
    })
}

pub(crate) fn migrate(env: &Env) -> ExitCode {
    run(env, all::migrate(env))
}

pub(crate) fn check_config(env: &Env) -> ExitCode {
    let mistakes = all::mistakes(env);
    for line in &mistakes {
        eprintln!("{line}");
    }
    if mistakes.is_empty() {
        println!("the configuration has no mistakes");
        ExitCode::SUCCESS
    } else {
        ExitCode::from(USAGE)
    }
}

fn run(env: &Env, work: impl Future<Output = Result<()>>) -> ExitCode {
    if !all::mistakes(env).is_empty() {
        return check_config(env);
    }
    let telemetry = Telemetry::init("witan", &all::telemetry(env));
    let outcome = on_runtime(work);
    telemetry.shutdown();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn on_runtime(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_secs(2));
    outcome
}
