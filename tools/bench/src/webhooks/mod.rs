//! From the commit of a change to the partner who hears of it. Sender, database, broker and receiver share the machine.

mod bare;
mod growth;
mod hanging;
mod receiver;
mod sustained;
mod usage;
mod world;

use anyhow::Result;

/// Prints the tables, or those that are wanted.
pub(crate) async fn measure(wants: impl Fn(&str) -> bool) -> Result<()> {
    let wants = |table: &str| wants("webhooks") || wants(table);
    if wants("webhooks.sustained") {
        sustained::print().await?;
    }
    if wants("webhooks.hanging") {
        hanging::print().await?;
    }
    if wants("webhooks.growth") {
        growth::print().await?;
    }
    Ok(())
}
