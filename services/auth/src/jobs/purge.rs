//! Removes what nobody can use any longer, a batch at a time, so that no transaction holds many rows for long.
//!
//! One replica does it, by the lease of the periodic job; should two, each row still goes once. A row that somebody
//! holds is left for the next pass. Nothing is told to others: of an account that was never proved they know nothing, and
//! they forget sessions and keys by themselves once these have ended.
//!
//! Registrations that were not the proved one outlive the proof of an address on purpose. For as long as they are kept,
//! log-in answers their password with "not verified" whether or not the address belongs to an account, so that
//! registering an address and logging in does not tell which it is.

use chrono::{DateTime, TimeDelta, Utc};
use witan_clock::Clock;
use witan_pg::{Pg, PgError, SystemTx};

use crate::config::Kept;
use crate::handlers::factors::totp_confirm::SETUP_LASTS;
use crate::store::api_keys::api_key_purge;
use crate::store::challenges::challenge_purge;
use crate::store::email_changes::email_change_purge;
use crate::store::email_tokens::email_token_purge;
use crate::store::factors::totp_purge;
use crate::store::mails::mail_purge;
use crate::store::outside::outside_cutoff_purge;
use crate::store::registrations::registration_purge;
use crate::store::sessions::session_purge;
use crate::store::sign_ins::sign_in_purge;
use crate::store::users::user_purge;

/// Rows of one transaction.
const BATCH: i64 = 500;
/// How long a link is kept after its time, so that it can be told from one that never was.
const TOKEN_KEPT: TimeDelta = TimeDelta::days(7);
/// How long a wish for another address is kept; its link works for a shorter time.
const WISH_KEPT: TimeDelta = TimeDelta::days(30);
/// How long an API key is kept after it ended, so that what it did can be put down to it.
const KEY_KEPT: TimeDelta = TimeDelta::days(90);

/// What is removed.
#[derive(Debug, Clone, Copy)]
enum Leftover {
    Accounts,
    Registrations,
    Tokens,
    Challenges,
    SignIns,
    Setups,
    Wishes,
    Sessions,
    Cutoffs,
    Mails,
    ApiKeys,
}

impl Leftover {
    const ALL: [Self; 11] = [
        Self::Accounts,
        Self::Registrations,
        Self::Tokens,
        Self::Challenges,
        Self::SignIns,
        Self::Setups,
        Self::Wishes,
        Self::Sessions,
        Self::Cutoffs,
        Self::Mails,
        Self::ApiKeys,
    ];

    /// Removes about [`BATCH`] rows; says how many there were.
    async fn remove(self, tx: &mut SystemTx<'_>, now: DateTime<Utc>, kept: &Kept) -> Result<usize, PgError> {
        match self {
            Self::Accounts => user_purge(tx, now - kept.unverified, BATCH).await,
            Self::Registrations => registration_purge(tx, now - kept.unverified, BATCH).await,
            Self::Tokens => email_token_purge(tx, now - TOKEN_KEPT, BATCH).await,
            Self::Challenges => challenge_purge(tx, now).await,
            Self::SignIns => sign_in_purge(tx, now).await,
            Self::Setups => totp_purge(tx, now - SETUP_LASTS).await,
            Self::Wishes => email_change_purge(tx, now - WISH_KEPT, BATCH).await,
            Self::Sessions => session_purge(tx, now - kept.sessions, now, BATCH).await,
            Self::Cutoffs => outside_cutoff_purge(tx, now - kept.sessions).await,
            Self::Mails => mail_purge(tx, now - kept.mails, BATCH).await,
            Self::ApiKeys => api_key_purge(tx, now - KEY_KEPT, BATCH).await,
        }
    }
}

/// One pass.
pub(crate) async fn purge(pg: Pg, clock: Clock, kept: Kept) -> Result<(), PgError> {
    for leftover in Leftover::ALL {
        let removed = remove_all(&pg, leftover, clock.now(), &kept).await?;
        if removed > 0 {
            tracing::info!(?leftover, removed, "removed what can no longer be used");
        }
    }
    Ok(())
}

async fn remove_all(pg: &Pg, leftover: Leftover, now: DateTime<Utc>, kept: &Kept) -> Result<usize, PgError> {
    let batch = usize::try_from(BATCH).unwrap_or(usize::MAX);
    let mut total = 0;
    loop {
        let remove = async |tx: &mut SystemTx<'_>| leftover.remove(tx, now, kept).await;
        let removed = pg.tx("auth.purge", remove).await?;
        total += removed;
        if removed < batch {
            return Ok(total);
        }
    }
}
