//! Removes what nobody can use any longer: links and API keys past their time, and
//! registrations that were not proved.
//!
//! Registrations that were not the proved one outlive the proof of an address on purpose. For as long as they are kept, log-in answers their
//! password with "not verified" whether or not the address belongs to an account, so that registering an address
//! and logging in does not tell which it is.

use chrono::TimeDelta;
use witan_clock::Clock;
use witan_pg::{Pg, PgError, SystemTx};

use crate::handlers::factors::totp_confirm::SETUP_LASTS;
use crate::store::api_keys::api_key_purge;
use crate::store::challenges::challenge_purge;
use crate::store::email_tokens::email_token_purge;
use crate::store::factors::totp_purge;
use crate::store::registrations::registration_purge;

/// How long a registration that was not proved is kept.
const REGISTRATION_KEPT: TimeDelta = TimeDelta::days(7);

/// How long an API key is kept after it ended, so that what it did can be put down to it.
const KEY_KEPT: TimeDelta = TimeDelta::days(90);

/// One pass.
pub(crate) async fn purge(pg: Pg, clock: Clock) -> Result<(), PgError> {
    let now = clock.now();
    let remove = async |tx: &mut SystemTx<'_>| -> Result<[usize; 4], PgError> {
        // A link stays a while beyond its time, so that it can be told from one that never was.
        let tokens = email_token_purge(tx, now - REGISTRATION_KEPT).await?;
        let registrations = registration_purge(tx, now - REGISTRATION_KEPT).await?;
        let api_keys = api_key_purge(tx, now - KEY_KEPT).await?;
        let setups = challenge_purge(tx, now).await? + totp_purge(tx, now - SETUP_LASTS).await?;
        Ok([tokens, registrations, api_keys, setups])
    };
    let [tokens, registrations, api_keys, setups] = pg.tx("auth.purge", remove).await?;
    if tokens + registrations + api_keys + setups > 0 {
        tracing::info!(tokens, registrations, api_keys, setups, "purged what can no longer be used");
    }
    Ok(())
}
