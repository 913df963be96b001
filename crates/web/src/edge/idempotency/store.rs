use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Bytea, Jsonb, Nullable, SmallInt, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use witan_clock::Clock;
use witan_pg::{Cipher, Note, Pg, PgError, SystemTx, Tx, sql};

use super::answer::{Answer, Headers};

/// How long a claim lasts unless it is renewed.
const CLAIM: Duration = Duration::from_secs(60);
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How many expired rows are removed at once.
const SWEEP: i64 = 5_000;

/// Where answers are kept: the table `idempotency_keys` of the service's schema.
#[derive(Clone)]
pub struct IdempotencyStore {
    pg: Pg,
    cipher: Cipher,
    clock: Clock,
}

pub(super) struct Key {
    pub(super) scope: String,
    pub(super) key: String,
}

/// The right to do a request. Its end tells it from one that somebody else took over.
pub(super) struct Claim {
    scope: String,
    key: String,
    until: DateTime<Utc>,
}

pub(super) enum Claimed {
    Ours(Claim),
    Done(Answer),
    InFlight,
    /// Done by a process that died before it could keep the answer.
    Lost,
    Other,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Bytea)]
    request_hash: Vec<u8>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    status: Option<i16>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    headers: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Bytea>)]
    body: Option<Vec<u8>>,
    /// Changed something, and nobody works on it any more.
    #[diesel(sql_type = Bool)]
    lost: bool,
}

/// Takes a key that is new, has expired, or whose claim has: a crash leaves such a claim behind.
const CLAIM_SQL: &str = "
INSERT INTO idempotency_keys AS kept (scope, key, request_hash, locked_until, expires_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (scope, key) DO UPDATE
SET request_hash = excluded.request_hash, status = NULL, headers = NULL, body = NULL, changed = false,
    locked_until = excluded.locked_until, expires_at = excluded.expires_at
WHERE kept.expires_at <= $6
   OR (kept.status IS NULL AND kept.locked_until <= $6 AND NOT kept.changed
       AND kept.request_hash = excluded.request_hash)";

const FIND_SQL: &str = "
SELECT request_hash, status, headers, body, status IS NULL AND changed AND locked_until <= $3 AS lost
FROM idempotency_keys WHERE scope = $1 AND key = $2";

/// Writes nothing in a transaction that has only read: it has no id yet. The claim may have been renewed since.
const CHANGED_SQL: &str = "
UPDATE idempotency_keys SET changed = true
WHERE scope = $1 AND key = $2 AND locked_until >= $3 AND pg_current_xact_id_if_assigned() IS NOT NULL";

const FINISH_SQL: &str = "
UPDATE idempotency_keys SET status = $4, headers = $5, body = $6
WHERE scope = $1 AND key = $2 AND locked_until = $3 AND status IS NULL";

const RENEW_SQL: &str = "
UPDATE idempotency_keys SET locked_until = $4
WHERE scope = $1 AND key = $2 AND locked_until = $3 AND status IS NULL";

const RELEASE_SQL: &str =
    "DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND locked_until = $3 AND status IS NULL";

const SWEEP_SQL: &str = "
DELETE FROM idempotency_keys WHERE (scope, key) IN
    (SELECT scope, key FROM idempotency_keys WHERE expires_at <= $1 LIMIT $2)";

impl IdempotencyStore {
    /// Keeps answers in the service's schema, encrypted.
    pub fn new(pg: &Pg, cipher: &Cipher, clock: &Clock) -> Self {
        Self { pg: pg.clone(), cipher: cipher.clone(), clock: clock.clone() }
    }

    /// Removes rows whose time is up, and says how many. To be called now and then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self) -> Result<usize, PgError> {
        let now = self.clock.now();
        self.pg
            .tx("idempotency sweep", async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
                let sweep = sql(SWEEP_SQL).bind::<Timestamptz, _>(now);
                Ok(sweep.bind::<diesel::sql_types::BigInt, _>(SWEEP).execute(tx.conn()).await?)
            })
            .await
    }

    pub(super) async fn claim(&self, key: &Key, hash: &[u8]) -> Result<Claimed, PgError> {
        let now = self.clock.now();
        let until = now + CLAIM;
        let row = self
            .pg
            .tx("idempotency claim", async |tx: &mut SystemTx<'_>| -> Result<Option<Row>, PgError> {
                let claim = sql(CLAIM_SQL)
                    .bind::<Text, _>(&key.scope)
                    .bind::<Text, _>(&key.key)
                    .bind::<Bytea, _>(hash)
                    .bind::<Timestamptz, _>(until)
                    .bind::<Timestamptz, _>(now + KEPT)
                    .bind::<Timestamptz, _>(now);
                if claim.execute(tx.conn()).await? == 1 {
                    return Ok(None);
                }
                let find = sql(FIND_SQL).bind::<Text, _>(&key.scope).bind::<Text, _>(&key.key);
                let find = find.bind::<Timestamptz, _>(now);
                Ok(Some(find.get_result::<Row>(tx.conn()).await.optional()?.unwrap_or_else(Row::released)))
            })
            .await?;
        let Some(row) = row else {
            return Ok(Claimed::Ours(Claim { scope: key.scope.clone(), key: key.key.clone(), until }));
        };
        if !row.request_hash.is_empty() && row.request_hash != hash {
            return Ok(Claimed::Other);
        }
        if row.lost {
            return Ok(Claimed::Lost);
        }
        Ok(self.answer(key, row).map_or(Claimed::InFlight, Claimed::Done))
    }

    /// What the request's first change is to be committed with.
    pub(super) fn note(&self, claim: &Claim) -> Note {
        let (scope, key, until) = (claim.scope.clone(), claim.key.clone(), claim.until);
        Note::new(move |conn| {
            let note = sql(CHANGED_SQL).bind::<Text, _>(scope.clone()).bind::<Text, _>(key.clone());
            note.bind::<Timestamptz, _>(until).execute(conn).boxed()
        })
    }

    pub(super) async fn renew(&self, claim: &mut Claim) {
        let until = self.clock.now() + CLAIM;
        let renewed = self
            .pg
            .tx("idempotency renew", async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
                let renew = sql(RENEW_SQL).bind::<Text, _>(&claim.scope).bind::<Text, _>(&claim.key);
                let renew = renew.bind::<Timestamptz, _>(claim.until).bind::<Timestamptz, _>(until);
                Ok(renew.execute(tx.conn()).await?)
            })
            .await;
        match renewed {
            Ok(1) => claim.until = until,
            Ok(_) => tracing::warn!("an idempotency key was taken over while its request was under way"),
            Err(error) => tracing::warn!(%error, "an idempotency key cannot be renewed"),
        }
    }

    /// Keeps the answer. When that fails the caller has it all the same, and the claim ends by itself.
    pub(super) async fn finish(&self, claim: &Claim, answer: Answer) {
        let status = i16::try_from(answer.status).unwrap_or_default();
        let headers = serde_json::to_value(&answer.headers).unwrap_or_default();
        let context = context(&claim.scope, &claim.key);
        let body = answer.body.map(|body| self.cipher.seal(&self.clock, &context, &body));
        let finished = self
            .pg
            .tx("idempotency finish", async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
                let finish = sql(FINISH_SQL)
                    .bind::<Text, _>(&claim.scope)
                    .bind::<Text, _>(&claim.key)
                    .bind::<Timestamptz, _>(claim.until)
                    .bind::<SmallInt, _>(status)
                    .bind::<Jsonb, _>(&headers)
                    .bind::<Nullable<Bytea>, _>(body.as_deref());
                Ok(finish.execute(tx.conn()).await?)
            })
            .await;
        if let Err(error) = finished {
            tracing::warn!(%error, "the answer to an idempotent request was not kept");
        }
    }

    /// Gives the key back: the request may be sent again.
    pub(super) async fn release(&self, claim: &Claim) {
        let released = self
            .pg
            .tx("idempotency release", async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
                let release = sql(RELEASE_SQL).bind::<Text, _>(&claim.scope).bind::<Text, _>(&claim.key);
                Ok(release.bind::<Timestamptz, _>(claim.until).execute(tx.conn()).await?)
            })
            .await;
        if let Err(error) = released {
            tracing::warn!(%error, "an idempotency key was not given back");
        }
    }

    fn answer(&self, key: &Key, row: Row) -> Option<Answer> {
        let headers = row.headers.and_then(|value| serde_json::from_value::<Headers>(value).ok());
        let open = |sealed: Vec<u8>| match self.cipher.open(&context(&key.scope, &key.key), &sealed) {
            Ok(body) => Some(body),
            Err(error) => {
                tracing::warn!(%error, "a kept answer cannot be decrypted");
                None
            }
        };
        Some(Answer {
            status: u16::try_from(row.status?).ok()?,
            headers: headers.unwrap_or_default(),
            body: row.body.and_then(open),
        })
    }
}

impl Row {
    /// The row was there and is gone: whoever had it just gave it back.
    fn released() -> Self {
        Self { request_hash: Vec::new(), status: None, headers: None, body: None, lost: false }
    }
}

impl std::fmt::Debug for IdempotencyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdempotencyStore")
    }
}

/// What a kept answer is bound to.
fn context(scope: &str, key: &str) -> String {
    format!("idempotency {scope} {key}")
}
