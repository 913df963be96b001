//! From the commit of a change to the partner who hears of it. Sender, database, broker and receiver share the machine.

mod bare;
mod growth;
mod hanging;
mod receiver;
mod sustained;
mod usage;
mod world;

use anyhow::Result;

/// Prints the tables.
pub(crate) async fn measure() -> Result<()> {
    sustained::print().await?;
    hanging::print().await?;
    growth::print().await
}
