use std::future::pending;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for a signal that asks the process to end, and names it.
pub(crate) async fn received() -> &'static str {
    let mut terminate = listen(SignalKind::terminate());
    let mut interrupt = listen(SignalKind::interrupt());
    tokio::select! {
        () = next(&mut terminate) => "SIGTERM",
        () = next(&mut interrupt) => "SIGINT",
    }
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::error!(%error, ?kind, "cannot listen for a signal")).ok()
}

async fn next(listener: &mut Option<Signal>) {
    match listener {
        Some(listener) => {
            listener.recv().await;
        }
        None => pending().await,
    }
}
