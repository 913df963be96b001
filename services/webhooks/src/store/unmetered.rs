//! Deliveries that partners have taken and nobody has been told of yet who counts them.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, SystemTx, Tx, sql};

const ADD: &str = "
INSERT INTO unmetered (tenant, deliveries)
SELECT tenant, deliveries FROM unnest($1::uuid[], $2::integer[]) AS added (tenant, deliveries) WHERE deliveries > 0";

/// Adds so many of each workspace, in the transaction in which they were settled.
pub(crate) async fn unmetered_add(tx: &mut impl Tx, counts: &[(WorkspaceId, usize)]) -> Result<(), PgError> {
    let (tenants, counts): (Vec<_>, Vec<_>) = counts
        .iter()
        .map(|(tenant, count)| (tenant.uuid(), i32::try_from(*count).unwrap_or(i32::MAX)))
        .unzip();
    let query = sql(ADD).bind::<Array<SqlUuid>, _>(tenants).bind::<Array<Integer>, _>(counts);
    query.execute(tx.conn()).await?;
    Ok(())
}

/// What a workspace's partners have taken.
#[derive(Debug, QueryableByName)]
pub(crate) struct Taken {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) tenant: WorkspaceId,
    #[diesel(sql_type = BigInt)]
    pub(crate) deliveries: i64,
    /// From so many rows.
    #[diesel(sql_type = BigInt)]
    pub(crate) rows: i64,
}

const TAKE: &str = "
WITH taken AS (
    DELETE FROM unmetered WHERE ctid = ANY(ARRAY(SELECT ctid FROM unmetered LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING tenant, deliveries
)
SELECT tenant, sum(deliveries)::bigint AS deliveries, count(*) AS rows FROM taken GROUP BY tenant ORDER BY tenant";

/// Takes away some of them: `most` rows, added up by workspace.
pub(crate) async fn unmetered_take(tx: &mut SystemTx<'_>, most: i64) -> Result<Vec<Taken>, PgError> {
    Ok(sql(TAKE).bind::<BigInt, _>(most).load(tx.conn()).await?)
}
