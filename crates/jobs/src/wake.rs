use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use witan_lifecycle::CancellationToken;
use witan_pg::{Pg, PgError};

const CHANNEL: &str = "witan_jobs";
const AGAIN: Duration = Duration::from_secs(1);

/// Wakes the workers of a kind when a job of it was added. Without it they find out within a second.
pub(crate) struct Waker {
    pub(crate) pg: Pg,
    pub(crate) kinds: HashMap<&'static str, Arc<Notify>>,
    pub(crate) stopping: CancellationToken,
}

impl Waker {
    pub(crate) async fn run(self) {
        while !self.stopping.is_cancelled() {
            if let Some(Err(error)) = self.stopping.run_until_cancelled(self.listen()).await {
                tracing::debug!(%error, "jobs are found by polling until notifications come again");
                let _ = self.stopping.run_until_cancelled(tokio::time::sleep(AGAIN)).await;
            }
        }
    }

    async fn listen(&self) -> Result<(), PgError> {
        let mut session = self.pg.session().await?;
        session.listen(CHANNEL).await?;
        loop {
            let kind = session.notified().await?;
            if let Some(kind) = self.kinds.get(kind.as_str()) {
                kind.notify_one();
            }
        }
    }
}
