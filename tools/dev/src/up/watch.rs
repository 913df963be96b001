//! While everything runs: a program that dies is started again, until it dies too often.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::process::{Printer, Supervisor, obituary};

const OFTEN: usize = 3;
const WITHIN: Duration = Duration::from_secs(60);

/// Never returns: the caller waits for a signal beside it.
pub(super) async fn watch(supervisor: &mut Supervisor, printer: &Printer) {
    let mut deaths: HashMap<String, Vec<Instant>> = HashMap::new();
    loop {
        let death = supervisor.next_death().await;
        let line = obituary(supervisor, &death);
        let recent = deaths.entry(death.name.clone()).or_default();
        recent.retain(|at| at.elapsed() < WITHIN);
        recent.push(Instant::now());
        if recent.len() > OFTEN {
            supervisor.give_up(&death.name);
            printer.say(&format!("{line}. It stays down: fix it, then run ./scripts/up again."));
            continue;
        }
        printer.say(&format!("{line}. Starting it again."));
        if let Err(error) = supervisor.restart(&death.name) {
            printer.say(&format!("{} could not be started again: {error:#}", death.name));
        }
    }
}
