use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

use crate::gateway::render::{Place, Rate, nginx};
use crate::gateway::table::{SERVICES, Table};
use crate::gateway::{openapi, site};
use crate::state::checkout;
use crate::up::{documents, programs_dir};

#[derive(Debug, Subcommand)]
pub(crate) enum GatewayCommand {
    /// Print nginx's configuration for containers, where each service is a host name.
    Render {
        /// The public port of every service.
        #[arg(long, default_value_t = 8080)]
        service_port: u16,
        /// Where nginx listens.
        #[arg(long, default_value = "8080")]
        listen: String,
    },
    /// Write the files the gateway serves itself: the merged API document and its page.
    Site { out: PathBuf },
}

pub(crate) async fn run(command: GatewayCommand) -> Result<u8> {
    match command {
        GatewayCommand::Render { service_port, listen } => {
            let checkout = checkout()?;
            print!("{}", nginx(&checkout, &Table::read(&checkout)?, &container(service_port, listen))?);
        }
        GatewayCommand::Site { out } => {
            site::write(&out, &openapi::merge(&documents(&programs_dir()?).await?)?)?;
        }
    }
    Ok(0)
}

/// The merged API document on standard output.
pub(crate) async fn print_openapi() -> Result<u8> {
    let document = openapi::merge(&documents(&programs_dir()?).await?)?;
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(0)
}

fn container(port: u16, listen: String) -> Place {
    let upstreams: BTreeMap<_, _> =
        SERVICES.iter().map(|name| ((*name).to_owned(), vec![format!("{name}:{port}")])).collect();
    Place {
        listen: vec![listen],
        tls: None,
        upstreams,
        workers: "auto",
        run_dir: "/tmp".into(),
        site: "/srv/www".into(),
        access_log: "/dev/stdout".to_owned(),
        error_log: "stderr".to_owned(),
        rate: Rate::DEPLOYED,
    }
}
