use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::installation::Installation;

const PROGRAM: &str = "rabbitmq";
/// What `up` tells the broker to keep free.
const LIMIT: &str = "200MB";
/// More than any disk has.
const NEVER: &str = "1000000GB";

/// Kills it; `up` starts it again.
pub(super) async fn kill(installation: &Installation, lasts: Duration) -> Result<()> {
    installation.signal(PROGRAM, Signal::KILL)?;
    sleep(lasts).await;
    Ok(())
}

/// Stops it in the middle of whatever it does; connections stay open and say nothing.
pub(super) async fn pause(installation: &Installation, lasts: Duration) -> Result<()> {
    installation.signal(PROGRAM, Signal::STOP)?;
    sleep(lasts).await;
    installation.signal(PROGRAM, Signal::CONT)
}

/// Has it close its port and every connection.
pub(super) async fn leave(installation: &Installation, lasts: Duration) -> Result<()> {
    installation.broker(&["stop_app"]).await?;
    sleep(lasts).await;
    installation.broker(&["start_app"]).await
}

/// Has it believe that its disk is full.
pub(super) async fn fill(installation: &Installation, lasts: Duration) -> Result<()> {
    installation.broker(&["set_disk_free_limit", NEVER]).await?;
    sleep(lasts).await;
    installation.broker(&["set_disk_free_limit", LIMIT]).await
}
