//! x
#![expect(clippy::disallowed_methods)]
use diesel::IntoSql;
use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl;
use witan_ids::WorkspaceId;
use witan_pg::*;

async fn store(tx: &mut impl Tx, n: &str) -> Result<i32, PgError> {
    let _ = n;
    Ok(diesel::select(2_i32.into_sql::<Integer>()).get_result::<i32>(tx.conn()).await?)
}
async fn store2(tx: &mut TenantTx<'_>, n: String) -> Result<i32, PgError> {
    let _ = n;
    Ok(diesel::select(2_i32.into_sql::<Integer>()).get_result::<i32>(tx.conn()).await?)
}

struct H {
    pg: Pg,
    s: String,
}
#[async_trait::async_trait]
trait W {
    async fn run(&self, a: &str) -> Result<i32, PgError>;
}
#[async_trait::async_trait]
impl W for H {
    async fn run(&self, a: &str) -> Result<i32, PgError> {
        let out = 3;
        let x = self
            .pg
            .tx("a", async |tx: &mut SystemTx<'_>| {
                let _ = out + store(tx, &self.s).await?;
                let mut t = tx.tenant(WorkspaceId::from_uuid(uuid::Uuid::nil())).await?;
                store(&mut t, a).await
            })
            .await?;
        let s = a.to_owned();
        let y = self
            .pg
            .tenant("a", WorkspaceId::from_uuid(uuid::Uuid::nil()), async |tx: &mut TenantTx<'_>| {
                store(tx, &s).await?;
                store2(tx, s.clone()).await
            })
            .await?;
        let z: i32 = self
            .pg
            .tenant("a", WorkspaceId::from_uuid(uuid::Uuid::nil()), async |tx| {
                store(tx, a).await?;
                Ok::<_, PgError>(store2(tx, a.to_owned()).await?)
            })
            .await?;
        Ok(x + y + z + out)
    }
}

#[tokio::test]
async fn send() {
    let pg =
        Pg::connect(&DatabaseConfig::new("postgres://postgres@127.0.0.1:7532/postgres"), "x").await.unwrap();
    let h = std::sync::Arc::new(H { pg, s: "a".into() });
    tokio::spawn(async move { h.run("x").await }).await.unwrap().unwrap();
}
