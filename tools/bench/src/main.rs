#![doc = include_str!("../README.md")]

mod auth;
mod bare;
mod council;
mod events;
mod footprint;
mod handlers;
mod llm;
mod load;
mod simulation;
mod table;
mod tenancy;
mod webhooks;

use std::process::ExitCode;

fn main() -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let wants = |name: &str| chosen.is_empty() || chosen.iter().any(|wanted| wanted == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        runtime.block_on(async {
            if wants("handlers") {
                handlers::measure().await?;
            }
            if wants("auth") {
                Box::pin(auth::measure()).await?;
            }
            if wants("tenancy") {
                Box::pin(tenancy::measure()).await?;
            }
            if wants("events") {
                events::measure().await?;
            }
            Box::pin(webhooks::measure(wants)).await?;
            if wants("llm") {
                Box::pin(llm::measure()).await?;
            }
            if wants("council") {
                council::measure().await?;
            }
            if wants("simulation") {
                simulation::measure();
            }
            if wants("footprint") {
                footprint::measure()?;
            }
            anyhow::Ok(())
        })
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
