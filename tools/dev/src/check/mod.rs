//! What holds across crates and no compiler sees. Each check returns one line for each thing that is wrong.

mod deps;
mod domain;
mod events;
mod proto;
mod routes;
mod settings;
mod sources;

use anyhow::{Result, bail};
use clap::Subcommand;

use crate::process::Printer;
use crate::state::checkout;

#[derive(Debug, Subcommand)]
pub(crate) enum CheckCommand {
    /// Who may depend on whom, and what a domain module may know.
    Deps,
    /// Names, comments and breaking changes of the contracts.
    Proto {
        /// Take what was added into the snapshot.
        #[arg(long)]
        bless: bool,
    },
    /// The documentation of events against the contracts.
    Events {
        /// Write it.
        #[arg(long)]
        bless: bool,
    },
    /// The gateway's routing table against every service's OpenAPI document (needs built services).
    Routes,
    /// The variables that programs read against those that .env.example documents.
    Settings,
}

pub(crate) async fn run(command: CheckCommand, printer: &Printer) -> Result<u8> {
    let checkout = checkout()?;
    let (what, wrong) = match command {
        CheckCommand::Deps => {
            let mut wrong = deps::check(&checkout).await?;
            wrong.extend(domain::check(&checkout)?);
            ("dependencies", wrong)
        }
        CheckCommand::Proto { bless } => ("contracts", proto::check(&checkout, bless)?),
        CheckCommand::Events { bless } => ("documentation of events", events::check(&checkout, bless)?),
        CheckCommand::Routes => ("routes", routes::check(&checkout).await?),
        CheckCommand::Settings => ("settings", settings::check(&checkout)?),
    };
    if wrong.is_empty() {
        printer.say(&format!("{what}: in order"));
        return Ok(0);
    }
    for line in &wrong {
        printer.say(line);
    }
    bail!("{} wrong with the {what}", wrong.len())
}
