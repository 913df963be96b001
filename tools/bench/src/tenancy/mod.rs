//! What keeping workspaces apart costs, and that it does not cost more where there is more.

mod crowd;
mod sizes;
mod transaction;

use anyhow::Result;

use crate::table;

/// How often each side is measured, in turns.
const ROUNDS: usize = 5;

/// Prints the tables.
pub(crate) async fn measure() -> Result<()> {
    let head = ["one row by its key, one at a time", "median", "beside", "median", "ratio", "goal"];
    table::print("A workspace's transaction", &head, &[transaction::row().await?]);
    let rows = [sizes::members().await?, sizes::workspaces().await?];
    let head = ["request", "few, requests/s", "many, requests/s", "slower by", "goal"];
    table::print("The same page of less and of more (2 workers, 16 connections)", &head, &rows);
    Ok(())
}
