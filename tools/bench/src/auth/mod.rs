//! What auth costs, beside what it cannot do without: the hash, the UPDATE, the signature.

mod bare;
mod guess;
mod login;
mod race;
mod refresh;
mod verify;
mod world;

use anyhow::Result;

use crate::table;
use world::World;

/// How often each side is measured, in turns.
const ROUNDS: usize = 3;

/// Prints the tables.
pub(crate) async fn measure() -> Result<()> {
    let world = World::start().await?;
    let mut rows = login::measure(&world).await?;
    rows.extend(refresh::measure(&world).await?);
    rows.push(verify::measure(&world).await?);
    let head = ["operation", "Witan, /s", "limit", "limit, /s", "share", "goal"];
    table::print("Auth (2 workers, closed loop)", &head, &rows);
    let head = ["`POST /auth/login`", "median", "beside a right password", "goal"];
    table::print("What an answer's time tells", &head, &guess::rows(&world).await?);
    let head = ["one refresh token at once", "tabs refused", "rounds with two successors", "goal"];
    table::print("The refresh race", &head, &[race::row(&world).await?]);
    Ok(())
}

/// What the services' guarded client would refuse to reach: addresses on this machine.
#[expect(clippy::disallowed_methods, reason = "talks to what is measured")]
fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// A row of medians.
fn row(name: &str, ours: Vec<f64>, limit: &str, theirs: Vec<f64>, goal: &str) -> Vec<String> {
    let (ours, theirs) = (table::median(ours), table::median(theirs));
    let share = format!("{:.0} %", ours / theirs * 100.0);
    vec![
        name.to_owned(),
        format!("{ours:.0}"),
        limit.to_owned(),
        format!("{theirs:.0}"),
        share,
        goal.to_owned(),
    ]
}
