#![doc = include_str!("../README.md")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod account;
mod check;
mod commands;
mod gateway;
mod holder;
mod http;
mod keys;
mod outside;
mod process;
mod profile;
mod signals;
mod stack;
mod state;
mod up;

/// Runs Witan on one machine: private servers, gateway, services; and its checks.
#[derive(Debug, Parser)]
#[command(name = "witan-dev", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The private PostgreSQL, Redis and RabbitMQ on their own.
    #[command(subcommand)]
    Stack(commands::stack::StackCommand),
    /// Everything, until Ctrl-C. `./scripts/up` builds first and then calls this.
    Up {
        /// Return when all is ready and leave it running in the background.
        #[arg(long)]
        detach: bool,
    },
    /// Stop what `up --detach` left running.
    Down,
    /// Make every service's schema and roles in a database that is there.
    Bootstrap,
    /// nginx's configuration and the files it serves.
    #[command(subcommand)]
    Gateway(commands::gateway::GatewayCommand),
    /// What holds across crates and no compiler sees.
    #[command(subcommand)]
    Check(check::CheckCommand),
    /// Print the merged OpenAPI document of all services.
    Openapi,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Stack(command) => commands::stack::run(command).await,
        Command::Up { detach: false } => up::run(&process::Printer::for_terminal()).await,
        Command::Up { detach: true } => up::detach::start(&process::Printer::for_terminal()).await,
        Command::Down => up::detach::down(&process::Printer::for_terminal()).await,
        Command::Bootstrap => commands::bootstrap::run().await,
        Command::Gateway(command) => commands::gateway::run(command).await,
        Command::Check(command) => check::run(command, &process::Printer::for_terminal()).await,
        Command::Openapi => commands::gateway::print_openapi().await,
    };
    match outcome {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("witan-dev: {error:#}");
            ExitCode::FAILURE
        }
    }
}
