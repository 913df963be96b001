#![doc = include_str!("../README.md")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod account;
mod commands;
mod holder;
mod http;
mod keys;
mod outside;
mod process;
mod profile;
mod signals;
mod stack;
mod state;

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
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Stack(command) => commands::stack::run(command).await,
    };
    match outcome {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("witan-dev: {error:#}");
            ExitCode::FAILURE
        }
    }
}
