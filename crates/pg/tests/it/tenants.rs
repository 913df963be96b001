//! What a tenant's transaction sees, and what it never does.

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::WorkspaceId;
use witan_pg::{
    EmbeddedMigrations, MigrationSet, Pg, PgError, SystemTx, TenantTx, Tx, diesel_migrations, sql,
};

use crate::support::{Database, uuid};

const NOTES: EmbeddedMigrations = diesel_migrations::embed_migrations!("tests/it/migrations");

pub(crate) fn notes() -> MigrationSet {
    MigrationSet { name: "notes", migrations: NOTES }
}

#[derive(diesel::QueryableByName)]
struct Note {
    #[diesel(sql_type = SqlUuid)]
    workspace_id: Uuid,
}

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

pub(crate) fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(uuid())
}

pub(crate) async fn add(tx: &mut impl Tx, workspace: WorkspaceId) -> Result<(), PgError> {
    let insert = sql("INSERT INTO notes (workspace_id, id, body) VALUES ($1, $2, 'x')")
        .bind::<SqlUuid, _>(workspace)
        .bind::<SqlUuid, _>(uuid());
    witan_pg::expect_one(insert.execute(tx.conn()).await?)
}

/// Whose rows there are.
pub(crate) async fn owners(tx: &mut impl Tx) -> Result<Vec<Uuid>, PgError> {
    let notes: Vec<Note> = sql("SELECT workspace_id FROM notes").load(tx.conn()).await?;
    Ok(notes.into_iter().map(|note| note.workspace_id).collect())
}

/// The setting that a connection carries outside of any transaction.
pub(crate) async fn setting(pg: &Pg) -> String {
    let setting: Result<Setting, PgError> = pg
        .read("setting", async |conn| {
            let query = sql("SELECT coalesce(current_setting('witan.workspace_id', true), '') AS value");
            Ok(query.get_result(conn).await?)
        })
        .await;
    setting.unwrap().value
}

#[tokio::test]
async fn a_tenant_sees_its_rows_and_nobody_elses() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let pg = database.pg(1).await;
    let (mine, theirs) = (workspace(), workspace());
    for workspace in [mine, mine, theirs] {
        pg.tenant("add", workspace, async |tx| add(tx, workspace).await).await.unwrap();
    }
    let seen = |workspace: WorkspaceId| {
        let pg = pg.clone();
        async move { pg.tenant_read("owners", workspace, async |tx| owners(tx).await).await.unwrap() }
    };
    assert_eq!(seen(mine).await, [mine.uuid(), mine.uuid()]);
    assert_eq!(seen(theirs).await, [theirs.uuid()]);
    assert!(seen(workspace()).await.is_empty());
    // The system's transaction has no workspace and sees nothing, also on a connection that had one before.
    assert!(pg.tx("owners", async |tx| owners(tx).await).await.unwrap().is_empty());
    let foreign = pg.tenant("add", mine, async |tx| add(tx, theirs).await).await.unwrap_err();
    assert!(foreign.to_string().contains("row-level security"), "{foreign}");
    assert_eq!(setting(&pg).await, "");
}

#[tokio::test]
async fn a_system_transaction_can_be_narrowed_from_one_tenant_to_the_next() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let pg = database.pg(1).await;
    let (first, second) = (workspace(), workspace());
    pg.tx("both", async |tx| {
        for workspace in [first, second] {
            let mut tenant: TenantTx<'_> = tx.tenant(workspace);
            assert_eq!(tenant.workspace_id(), workspace);
            add(&mut tenant, workspace).await?;
            assert_eq!(owners(&mut tenant).await?, [workspace.uuid()]);
        }
        Ok::<_, PgError>(())
    })
    .await
    .unwrap();
    assert_eq!(setting(&pg).await, "");
}

#[tokio::test]
async fn a_read_cannot_write_and_may_ask_several_things() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let pg = database.pg(1).await;
    let mine = workspace();
    pg.tenant_read("add", mine, async |tx| add(tx, mine).await).await.unwrap_err();
    pg.tenant("add", mine, async |tx| add(tx, mine).await).await.unwrap();
    let counts: (usize, usize) = pg
        .tenant_read("twice", mine, async |tx| {
            Ok::<_, PgError>((owners(tx).await?.len(), owners(tx).await?.len()))
        })
        .await
        .unwrap();
    assert_eq!(counts, (1, 1));
    assert_eq!(pg.connections(), (1, 1));
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The first use of a statement on a connection needs a round trip to prepare it; the order must hold then too.
#[tokio::test]
async fn a_read_with_a_statement_never_seen_before_has_its_workspace() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let mine = workspace();
    for _ in 0..20 {
        let pg = database.pg(1).await;
        pg.tenant("add", mine, async |tx| add(tx, mine).await).await.unwrap();
        let count: Count = pg
            .tenant_read("count", mine, async |tx| {
                Ok::<_, PgError>(sql("SELECT count(*) AS count FROM notes").get_result(tx.conn()).await?)
            })
            .await
            .unwrap();
        assert!(count.count > 0);
    }
}

/// As above from one workspace to the next: a statement that did not wait for its workspace would see the one of before.
#[tokio::test]
async fn a_statement_never_seen_before_has_the_workspace_that_was_narrowed_to_last() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let (first, second) = (workspace(), workspace());
    for round in 1..=20 {
        let pg = database.pg(1).await;
        pg.tenant("add", first, async |tx| add(tx, first).await).await.unwrap();
        let counts = async |tx: &mut SystemTx<'_>| {
            let mut counts = Vec::new();
            for workspace in [first, second, first] {
                let query = sql("SELECT count(*) AS count FROM notes");
                let count: Count = query.get_result(tx.tenant(workspace).conn()).await?;
                counts.push(count.count);
            }
            Ok::<_, PgError>(counts)
        };
        assert_eq!(pg.tx("counts", counts).await.unwrap(), [round, 0, round]);
    }
}

#[tokio::test]
async fn what_is_preferred_for_a_transaction_ends_with_it() {
    let database = Database::create("probe").await;
    let pg = database.pg(1).await;
    let preferred = async |tx: &mut TenantTx<'_>| {
        tx.prefer_indexes();
        Ok::<_, PgError>((shown(tx, "enable_seqscan").await?, shown(tx, "plan_cache_mode").await?))
    };
    let inside = pg.tenant_read("inside", workspace(), preferred).await.unwrap();
    assert_eq!(inside, ("off".to_owned(), "force_generic_plan".to_owned()));
    let usual = async |tx: &mut TenantTx<'_>| {
        Ok::<_, PgError>((shown(tx, "enable_seqscan").await?, shown(tx, "plan_cache_mode").await?))
    };
    let outside = pg.tenant_read("outside", workspace(), usual).await.unwrap();
    assert_eq!(outside, ("on".to_owned(), "auto".to_owned()));
}

async fn shown(tx: &mut TenantTx<'_>, name: &str) -> Result<String, PgError> {
    #[derive(diesel::QueryableByName)]
    struct Shown {
        #[diesel(sql_type = diesel::sql_types::Text)]
        value: String,
    }
    let query = sql("SELECT current_setting($1) AS value").bind::<diesel::sql_types::Text, _>(name);
    Ok(query.get_result::<Shown>(tx.conn()).await?.value)
}
