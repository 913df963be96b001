#![doc = include_str!("../README.md")]

mod api;
mod authenticator;
mod mail;
mod receiver;
mod report;
mod sse;
mod steps;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Where the running system is found.
#[derive(Parser)]
struct Options {
    /// The gateway's address.
    #[arg(long, env = "WITAN_URL", default_value = "http://127.0.0.1:8080")]
    gateway: String,
    /// The folder where auth leaves its mail in development.
    #[arg(long, env = "MAIL_OUTBOX_DIR", default_value = ".witan/up/mail")]
    outbox: PathBuf,
    /// The trace store's address.
    #[arg(long, env = "WITAN_TRACES_URL", default_value = "http://127.0.0.1:7318")]
    traces: String,
    /// The operator's command line, which prints the trace.
    #[arg(long, env = "WITAN_CLI", default_value = "target/release/witan")]
    cli: PathBuf,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = actix_web::rt::System::new().block_on(steps::walk(&options));
    match outcome {
        Ok(steps) => {
            println!("\n\x1b[32m✓ the main job works: {steps} steps\x1b[0m");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\n\x1b[31m✗ {error:#}\x1b[0m");
            ExitCode::FAILURE
        }
    }
}
