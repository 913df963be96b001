//! The council: what it adds to the time its models take, how fast it lets go of them, and how much a stream takes.

mod cancel;
mod efficiency;
mod streams;

use anyhow::Result;
use serde_json::{Value, json};
use witan_council::Council;
use witan_testkit::TestService;

use crate::bare::WORKERS;

/// Prints the tables.
pub(crate) async fn measure() -> Result<()> {
    efficiency::print().await;
    Box::pin(cancel::print()).await?;
    Box::pin(streams::print()).await
}

/// A service whose council these models are, with the first of them in the chair, and whom nobody limits.
async fn service(models: &[Value]) -> TestService<Council> {
    let ids: Vec<&str> = models.iter().filter_map(|model| model["id"].as_str()).collect();
    TestService::<Council>::start_with(|builder| {
        let builder = builder.env("LLM_MODELS", json!(models).to_string()).env("WITAN_LOG", "error");
        let builder = builder.env("COUNCIL_MEMBERS", ids.join(",")).env("COUNCIL_CHAIRS", ids[0]);
        let builder = builder.env("WITAN_WORKERS", WORKERS.to_string());
        ["GENERAL", "API", "AUTH"]
            .iter()
            .fold(builder, |builder, class| builder.env(&format!("RATE_LIMIT_{class}"), "100000000"))
    })
    .await
}
