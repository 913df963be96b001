#![doc = include_str!("../README.md")]

mod api;
mod crowd;
mod faults;
mod installation;
mod ledger;
mod receiver;
mod report;
mod round;
mod truth;
mod writer;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use api::Api;
use faults::Fault;
use installation::Installation;
use receiver::Receiver;
use report::Report;
use truth::Truth;

/// Which system is broken, and for how long.
#[derive(Parser)]
struct Options {
    /// The folder of a running `./scripts/up`.
    #[arg(long, env = "WITAN_INSTALLATION", default_value = ".witan/up")]
    installation: PathBuf,
    /// `short` fits into a check before a change goes in; `long` is for an evening.
    #[arg(value_enum, default_value = "short")]
    form: Form,
    /// Only this fault; may be given several times.
    #[arg(long)]
    only: Vec<String>,
}

/// How long things stay broken.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Seconds.
    Short,
    /// Minutes.
    Long,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(broken) => {
            eprintln!("\n{broken} of the promises did not hold: the rows above say which.");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("witan-faults: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Gives the number of promises that did not hold.
async fn run(options: Options) -> Result<usize> {
    let installation = Installation::open(&options.installation)?;
    let truth = Truth::open(&installation).await?;
    let receiver = Receiver::start()?;
    let api = Api::log_in(&installation).await?;
    let mut report = Report::new();
    for fault in Fault::all() {
        if options.only.is_empty() || options.only.iter().any(|name| name == fault.name()) {
            let row = round::play(fault, options.form, &installation, &api, &receiver, &truth).await?;
            report.add(fault.name(), row);
        }
    }
    if options.only.is_empty() || options.only.iter().any(|name| name == crowd::NAME) {
        crowd::play(options.form, &api, &receiver, &mut report).await?;
    }
    Ok(report.close())
}
