#![doc = include_str!("../README.md")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod broker;
mod dead_letters;
mod eval;
mod events;
mod queues;
mod style;
mod traces;

/// The operator's command.
#[derive(Debug, Parser)]
#[command(name = "witan", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Receive, follow and show traces.
    #[command(subcommand)]
    Traces(traces::TracesCommand),
    /// Events as they pass.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// What consumers gave up on.
    #[command(subcommand)]
    DeadLetters(dead_letters::DeadLettersCommand),
    /// Ask single models, an ensemble and the council the same questions, and compare.
    Eval(eval::EvalCommand),
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Traces(command) => traces::run(command).await,
        Command::Events(command) => events::run(command).await,
        Command::DeadLetters(command) => dead_letters::run(command).await,
        Command::Eval(command) => Box::pin(eval::run(command)).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("witan: {error:#}");
            ExitCode::FAILURE
        }
    }
}
