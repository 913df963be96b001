//! Transactions run in tasks that move between threads, with what they capture.

use async_trait::async_trait;
use diesel::IntoSql;
use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl;
use witan_ids::WorkspaceId;
use witan_pg::{Pg, PgError, TenantTx, Tx};

use crate::support::{Database, uuid};

async fn number(tx: &mut impl Tx, number: i32) -> Result<i32, PgError> {
    Ok(diesel::select(number.into_sql::<Integer>()).get_result(tx.conn()).await?)
}

async fn tenant_number(tx: &mut TenantTx<'_>, text: &str) -> Result<i32, PgError> {
    number(tx, text.parse().unwrap()).await
}

#[async_trait]
trait Add {
    async fn add(&self, text: &str) -> Result<i32, PgError>;
}

struct Adder {
    pg: Pg,
    own: String,
}

#[async_trait]
impl Add for Adder {
    async fn add(&self, text: &str) -> Result<i32, PgError> {
        let workspace = WorkspaceId::from_uuid(uuid());
        let system = self
            .pg
            .tx("system", async |tx| {
                let first = number(tx, 1).await?;
                let mut narrowed = tx.tenant(workspace);
                Ok::<_, PgError>(first + tenant_number(&mut narrowed, text).await?)
            })
            .await?;
        let tenant =
            self.pg.tenant("tenant", workspace, async |tx| tenant_number(tx, &self.own).await).await?;
        let read = self.pg.tenant_read("read", workspace, async |tx| tenant_number(tx, text).await).await?;
        Ok(system + tenant + read)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_are_send() {
    let database = Database::create("probe").await;
    let adder = Adder { pg: database.pg(2).await, own: "20".to_owned() };
    #[expect(clippy::disallowed_methods, reason = "that it compiles is the test")]
    let sum = tokio::spawn(async move { adder.add("100").await }).await.unwrap().unwrap();
    assert_eq!(sum, 1 + 100 + 20 + 100);
}
