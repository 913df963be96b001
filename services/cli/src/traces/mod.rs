//! Traces: a receiver that keeps the latest, and the two ways to look at them.

mod client;
mod otlp;
mod ring;
mod serve;
mod show;
mod span;
mod summary;
mod tail;
mod tree;

pub(crate) use client::http;

use std::net::SocketAddr;

use anyhow::Result;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum TracesCommand {
    /// Receive OTLP/HTTP at /v1/traces and keep the latest traces in memory.
    Serve {
        #[arg(long, env = "WITAN_TRACES_LISTEN", default_value = "127.0.0.1:7318")]
        listen: SocketAddr,
        /// How many traces to keep.
        #[arg(long, default_value_t = 2_000)]
        traces: usize,
        /// How many mebibytes of spans to keep.
        #[arg(long, default_value_t = 64)]
        mebibytes: usize,
    },
    /// Print each trace when it has come to rest, as one line.
    Tail {
        #[command(flatten)]
        server: Server,
        /// Print every span as it arrives instead.
        #[arg(long)]
        spans: bool,
        /// Only what has an error in it.
        #[arg(long)]
        errors: bool,
    },
    /// Print one trace as a tree.
    Show {
        /// The trace id, or the beginning of one.
        id: String,
        #[command(flatten)]
        server: Server,
        /// Also print the spans' attributes.
        #[arg(long)]
        attributes: bool,
        /// Print the spans as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Server {
    /// Where `witan traces serve` listens.
    #[arg(long, env = "WITAN_TRACES_URL", default_value = "http://127.0.0.1:7318")]
    url: String,
}

pub(crate) async fn run(command: TracesCommand) -> Result<()> {
    match command {
        TracesCommand::Serve { listen, traces, mebibytes } => {
            serve::run(listen, traces, mebibytes << 20).await
        }
        TracesCommand::Tail { server, spans, errors } => tail::run(&server.url, spans, errors).await,
        TracesCommand::Show { id, server, attributes, json } => {
            show::run(&server.url, &id, attributes, json).await
        }
    }
}
