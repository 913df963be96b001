use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::installation::Installation;

const PROGRAM: &str = "redis";

/// Silent for a while, then gone with what it had in memory.
pub(super) async fn leave(installation: &Installation, lasts: Duration) -> Result<()> {
    installation.signal(PROGRAM, Signal::STOP)?;
    sleep(lasts).await;
    installation.signal(PROGRAM, Signal::KILL)
}
