use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::installation::Installation;

/// Immediate shutdown: no transaction is ended in order. `up` starts it again.
pub(super) async fn restart(installation: &Installation, lasts: Duration) -> Result<()> {
    installation.signal("postgres", Signal::QUIT)?;
    sleep(lasts).await;
    Ok(())
}
