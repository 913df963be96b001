use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::time::{Instant, sleep};

use super::identity::{Identity, PidFiles};

/// How a program likes to be asked to leave: each signal with the time it gets
/// before the next. Whatever is still there afterwards is killed with its group.
pub(crate) type Manners = &'static [(Signal, Duration)];

/// PostgreSQL: fast shutdown, then immediate.
pub(crate) const POSTGRES: Manners =
    &[(Signal::INT, Duration::from_secs(8)), (Signal::QUIT, Duration::from_secs(2))];
/// nginx leaves at once on TERM; QUIT would wait for open streams.
pub(crate) const PROMPT: Manners = &[(Signal::TERM, Duration::from_secs(5))];
pub(crate) const BROKER: Manners = &[(Signal::TERM, Duration::from_secs(10))];
/// A service finishes what is in flight for up to 25 s before it exits by itself.
pub(crate) const SERVICE: Manners = &[(Signal::TERM, Duration::from_secs(30))];

pub(crate) async fn stop(id: &Identity, manners: Manners) {
    for (signal, patience) in manners {
        if !id.is_alive() {
            break;
        }
        if let Some(pid) = Pid::from_raw(id.pid) {
            let _ = kill_process(pid, *signal);
        }
        if gone_within(id, *patience).await {
            break;
        }
    }
    // Also when the leader left in peace: a child of its group may have stayed.
    kill_group(id);
    gone_within(id, Duration::from_secs(2)).await;
}

pub(crate) fn kill_group(id: &Identity) {
    if let Some(pid) = Pid::from_raw(id.pid) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

async fn gone_within(id: &Identity, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while id.is_alive() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(Duration::from_millis(10)).await;
    }
    true
}

/// Stops what an earlier run left behind and returns the names of what was still alive.
pub(crate) async fn sweep(files: &PidFiles, manners_of: fn(&str) -> Manners) -> Vec<String> {
    let (alive, dead): (Vec<_>, Vec<_>) =
        files.all().into_iter().partition(|(_, id)| id.as_ref().is_some_and(Identity::is_alive));
    for (name, _) in dead {
        files.forget(&name);
    }
    let stopping = alive.iter().filter_map(|(name, id)| {
        let id = id.as_ref()?;
        Some(async move {
            stop(id, manners_of(name)).await;
            files.forget(name);
        })
    });
    futures_util::future::join_all(stopping).await;
    alive.into_iter().map(|(name, _)| name).collect()
}
