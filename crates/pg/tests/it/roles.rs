//! A role that row-level security does not hold cannot serve.

use secrecy::SecretString;
use witan_pg::{DatabaseConfig, Pg, PgError};

use crate::support::{Database, PASSWORD, uuid};

async fn refused(url: SecretString) -> String {
    match Pg::connect(&DatabaseConfig::new(url), "probe").await {
        Err(PgError::Role(why)) => why,
        Err(error) => panic!("refused for another reason: {error}"),
        Ok(_) => panic!("not refused"),
    }
}

#[tokio::test]
async fn a_superuser_an_owner_and_a_role_with_bypassrls_are_refused() {
    let database = Database::create("probe").await;
    database.migrate(vec![crate::tenants::notes()]).await;
    let admin = database.admin().await;
    let own = |kind: &str| format!("{kind}_{}", uuid().simple());
    let (superuser, bypass, member) = (own("superuser"), own("bypass"), own("member"));
    let roles = format!(
        "CREATE ROLE {superuser} LOGIN SUPERUSER PASSWORD '{PASSWORD}';
         CREATE ROLE {bypass} LOGIN BYPASSRLS PASSWORD '{PASSWORD}';
         CREATE ROLE {member} LOGIN NOINHERIT IN ROLE {bypass} PASSWORD '{PASSWORD}';
         GRANT CONNECT ON DATABASE {} TO {bypass}, {member}",
        database.name
    );
    admin.batch_execute(&roles).await.unwrap();

    assert!(refused(database.url(&superuser)).await.contains("superuser"));
    assert!(refused(database.owner_url()).await.contains("owns tables"));
    assert!(refused(database.url(&bypass)).await.contains("BYPASSRLS"));
    // It could become the other one with SET ROLE.
    assert!(refused(database.url(&member)).await.contains("BYPASSRLS"));
    database.pg(1).await.ping().await.unwrap();

    let drop = format!(
        "REVOKE CONNECT ON DATABASE {} FROM {bypass}, {member}; DROP ROLE {member}, {bypass}, {superuser}",
        database.name
    );
    admin.batch_execute(&drop).await.unwrap();
}

#[tokio::test]
async fn a_role_reaches_no_schema_but_its_own() {
    let database = Database::create("probe").await;
    let admin = database.admin().await;
    admin
        .batch_execute(
            "CREATE SCHEMA other; CREATE TABLE other.secrets (id int); CREATE TABLE public.p (id int)",
        )
        .await
        .unwrap();
    let pg = database.pg(1).await;
    for (sql, why) in [
        ("SELECT * FROM other.secrets", "permission denied for schema other"),
        ("SELECT * FROM public.p", "permission denied for schema public"),
        ("CREATE TABLE mine (id int)", "permission denied for schema probe"),
        ("CREATE TEMP TABLE mine (id int)", "permission denied to create temporary tables"),
    ] {
        let error = crate::transactions::execute(&pg, sql).await.unwrap_err();
        assert!(error.to_string().contains(why), "{sql}: {error}");
    }
}

#[tokio::test]
async fn setting_up_twice_changes_nothing() {
    let database = Database::create("probe").await;
    let sql = witan_pg::bootstrap_sql("probe", &witan_pg::RolePasswords::default());
    database.admin().await.batch_execute(&sql).await.unwrap();
    database.pg(1).await.ping().await.unwrap();
}
