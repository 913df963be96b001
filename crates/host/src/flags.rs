//! The feature flags of this process: fetched when it starts, when an event says that one was changed, when events may
//! have been lost, and now and then.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use witan_access::FeatureFlagSource;

use crate::Context;
use crate::backoff::Backoff;

/// How long what is known is believed when nobody says otherwise.
const CALM: Duration = Duration::from_secs(60);

/// Keeps the flags true until the service stops; ask for a look at once with the handle.
pub(crate) fn keep(cx: &Context, source: Arc<dyn FeatureFlagSource>) -> Arc<Notify> {
    let changed = Arc::new(Notify::new());
    let (told, flags, stopping) = (changed.clone(), cx.access.feature_flags.clone(), cx.lifecycle.stopping());
    cx.lifecycle.spawn("feature flags", async move {
        let mut failed = Backoff::default();
        let following = async {
            loop {
                let pause = match source.feature_flags().await {
                    Ok(found) => {
                        flags.replace(found);
                        failed = Backoff::default();
                        CALM
                    }
                    Err(error) => {
                        // What is known stays; before anything is, features stand as their code says.
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "the feature flags cannot be fetched");
                        failed.next()
                    }
                };
                let _ = tokio::time::timeout(pause, told.notified()).await;
            }
        };
        stopping.run_until_cancelled(following).await;
    });
    changed
}
