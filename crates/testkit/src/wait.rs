use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

/// How long tests wait for something before they call it missing.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What a condition may answer: a yes or no, or the thing that was waited for.
pub trait Outcome {
    /// What the wait returns.
    type Value;
    /// The value, once there.
    fn into_value(self) -> Option<Self::Value>;
}

impl Outcome for bool {
    type Value = ();
    fn into_value(self) -> Option<()> {
        self.then_some(())
    }
}

impl<T> Outcome for Option<T> {
    type Value = T;
    fn into_value(self) -> Self {
        self
    }
}

/// Asks again and again until the answer is yes, or there.
///
/// # Panics
/// After [`PATIENCE`], with `what` in the message.
pub async fn eventually<O: Outcome>(what: &str, condition: impl AsyncFnMut() -> O) -> O::Value {
    eventually_within(PATIENCE, what, condition).await
}

/// [`eventually`] with a patience of its own.
///
/// # Panics
/// When it runs out.
pub async fn eventually_within<O: Outcome>(
    patience: Duration,
    what: &str,
    mut condition: impl AsyncFnMut() -> O,
) -> O::Value {
    let deadline = Instant::now() + patience;
    loop {
        // One answer that never comes is a wait in vain too.
        let Ok(outcome) = timeout_at(deadline, condition()).await else {
            panic!("waited {patience:?} in vain: {what} (no answer)");
        };
        if let Some(value) = outcome.into_value() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {patience:?} in vain: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}
