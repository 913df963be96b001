//! Tells auditors of refreshes, once a minute and session.
//!
//! An entry for each would double what the busiest operation writes. The session's row counts them anyway; what it
//! has counted since the last pass is told here, in the transaction that takes note of it.

use witan_clock::Clock;
use witan_pg::{Pg, PgError, SystemTx};

use crate::audit::{Action, Audit, record};
use crate::handlers::client::Client;
use crate::store::refreshes::{Refreshed, refreshed_take};

/// Sessions of one transaction.
const BATCH: i64 = 200;

/// One pass.
pub(crate) async fn tell_refreshes(pg: Pg, clock: Clock) -> Result<(), PgError> {
    loop {
        let tell = async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
            let refreshed = refreshed_take(tx, BATCH).await?;
            for session in &refreshed {
                record(tx, &clock, entry(session)).await?;
            }
            Ok(refreshed.len())
        };
        let told = pg.tx("auth.tell-refreshes", tell).await?;
        if i64::try_from(told).is_ok_and(|told| told < BATCH) {
            return Ok(());
        }
    }
}

fn entry(session: &Refreshed) -> Audit {
    let client =
        Client { ip: session.ip.clone(), user_agent: session.user_agent.clone(), trace_id: String::new() };
    let entry = Audit::new(Action::RefreshToken, session.user_id).to(session.id).by(&client);
    entry.detail("times", session.times.to_string())
}
