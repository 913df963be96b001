use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{Instant, sleep};

use crate::installation::Installation;
use crate::truth::Truth;

/// Seconds. A partner that verifies signatures takes no more than five minutes.
const JUMP: i32 = 240;
/// How soon the services know, who look once a second.
const KNOWN: Duration = Duration::from_secs(20);

/// All services' clocks go wrong by minutes, then by as much to the other side, and then right again.
pub(super) async fn jump(installation: &Installation, lasts: Duration) -> Result<()> {
    let truth = Truth::open(installation).await?;
    for ahead in [JUMP, -JUMP] {
        set(installation, &truth, ahead).await?;
        sleep(lasts / 2).await;
    }
    set(installation, &truth, 0).await
}

/// Returns when what people do is dated by that clock.
async fn set(installation: &Installation, truth: &Truth, ahead: i32) -> Result<()> {
    installation.set_clock(ahead)?;
    let began = Instant::now();
    while (truth.ahead().await? - f64::from(ahead)).abs() > 10.0 {
        ensure!(began.elapsed() < KNOWN, "the services' clocks do not go by that of the suite");
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
