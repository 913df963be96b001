//! Whoever pays for the calls of a run.

use async_trait::async_trait;

use crate::domain::budget::Take;

/// What a run may take.
#[async_trait]
pub trait Purse: Send + Sync {
    /// Sets aside what a call may take; false when that, and `besides` on top of it, is more than is left.
    async fn reserve(&self, estimate: Take, besides: Take) -> bool;

    /// Replaces what was set aside by what the call took.
    async fn settle(&self, estimate: Take, took: Take);
}
