//! A clock that is set back: what is due by the time of before would wait until the clock is there again.

use chrono::{DateTime, Utc};
use witan_clock::Clock;
use witan_pg::{Pg, PgError};

use crate::store;

/// What the clock showed last; nothing before the first look, because it may have been set back while no process ran.
#[derive(Debug, Default)]
pub(crate) struct Recall {
    seen: Option<DateTime<Utc>>,
}

impl Recall {
    /// Lets jobs of a kind come earlier, by as much as the clock was set back since the last turn.
    ///
    /// # Errors
    /// When nothing can be written; then the next turn does it.
    pub(crate) async fn turn(&mut self, pg: &Pg, clock: &Clock, kind: &'static str) -> Result<(), PgError> {
        let now = clock.now();
        if self.seen.is_none_or(|seen| now < seen) {
            let jobs = store::job_recall(pg, clock, kind).await?;
            if jobs > 0 {
                tracing::warn!(
                    kind,
                    jobs,
                    "the clock was set back; jobs that waited by its time come as much earlier"
                );
            }
        }
        self.seen = Some(now);
        Ok(())
    }
}
