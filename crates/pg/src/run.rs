use std::time::Duration;

use diesel::IntoSql;
use diesel::sql_types::Integer;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use rand::Rng;

use crate::lease::Lease;
use crate::watch::Watch;
use crate::{Pg, PgError, attempt, metrics};

const TRIES: u32 = 3;

/// How often a transaction was tried.
pub(crate) struct Tries {
    name: &'static str,
    made: u32,
}

impl Tries {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, made: 0 }
    }

    /// Waits before another try, if there is one left.
    async fn again(&mut self) -> bool {
        self.made += 1;
        if self.made >= TRIES {
            return false;
        }
        metrics::retried(self.name);
        let most = 10 << self.made;
        #[expect(clippy::disallowed_methods, reason = "jitter decides nothing that a test could want to see")]
        let pause = rand::rng().random_range(1..=most);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        true
    }
}

/// Commits or rolls back; `None` asks to run the transaction again.
pub(crate) async fn finish<T, E: From<PgError>>(
    pg: &Pg,
    mut lease: Lease,
    watch: &Watch,
    outcome: Result<Result<T, E>, PgError>,
    tries: &mut Tries,
) -> Option<Result<T, E>> {
    let failure = match outcome {
        Ok(Ok(value)) => match pg.deadline(attempt::commit(&mut lease, watch)).await {
            Ok(Ok(())) => {
                lease.give_back();
                return Some(Ok(value));
            }
            Ok(Err(error)) | Err(error) => E::from(error),
        },
        Ok(Err(error)) => error,
        // The connection is in the middle of something; dropping the lease closes it.
        Err(late) => return Some(Err(late.into())),
    };
    if matches!(pg.deadline(attempt::rollback(&mut lease)).await, Ok(true)) {
        lease.give_back();
    } else {
        drop(lease);
    }
    if watch.retryable() && tries.again().await { None } else { Some(Err(failure)) }
}

/// The cheapest question there is.
pub(crate) async fn select_one(conn: &mut AsyncPgConnection) -> Result<(), PgError> {
    diesel::select(1_i32.into_sql::<Integer>()).execute(conn).await?;
    Ok(())
}
