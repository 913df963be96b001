use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::installation::Installation;

/// Those that the work passes through, and those that only listen.
const PROGRAMS: [&str; 7] = ["tenancy", "webhooks", "auth", "nginx", "chat", "council", "billing"];
/// `up` leaves down what dies more than three times a minute.
const PAUSE: Duration = Duration::from_millis(3_100);

/// Kills one after the other, again and again.
pub(super) async fn kill_each(installation: &Installation, lasts: Duration) -> Result<()> {
    let began = Instant::now();
    for program in PROGRAMS.iter().cycle() {
        if began.elapsed() >= lasts {
            break;
        }
        installation.signal(program, Signal::KILL)?;
        sleep(PAUSE).await;
    }
    Ok(())
}
