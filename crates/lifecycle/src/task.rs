use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::Lifecycle;

/// Runs `task`; a panic ends in the log and in liveness instead of in nothing.
pub(crate) async fn guarded(name: &'static str, task: impl Future<Output = ()>, lifecycle: Lifecycle) {
    // Nothing of the task is looked at after it panicked, so what it left half done cannot be seen.
    if let Err(panic) = AssertUnwindSafe(task).catch_unwind().await {
        tracing::error!(task = name, panic = message(panic.as_ref()), "a background task panicked");
        lifecycle.set_not_live();
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
