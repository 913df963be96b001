//! What PostgreSQL itself keeps apart, whatever a query forgets.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Transaction};

use crate::furniture::{furnish_both, pretend_to_end};
use crate::world::{Person, World};

/// Tables that belong to workspaces: the schema, which is the service's, and the name. Partitions are parts of theirs.
const TENANT_TABLES: &str = "
    SELECT n.nspname::text, c.relname::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = 'workspace_id' AND NOT a.attisdropped
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2";

/// Partitions that the service's own role reaches by itself, past the policies of their table.
const OPEN_PARTITIONS: &str = "
    SELECT format('%s.%s', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.rolname = 'witan_' || n.nspname
    WHERE c.relispartition AND c.relkind = 'r'
        AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')";

/// Columns that seem to name a workspace in tables that belong to none.
const CROSSING_COLUMNS: &str = "
    SELECT format('%s.%s.%s', n.nspname, c.relname, a.attname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname ~ 'workspace|tenant' AND NOT a.attisdropped
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'workspace_id' AND NOT attisdropped)";

/// What is wrong with a table, in words; nothing when it is fenced.
const MISTAKES: &str = "
    SELECT 'row-level security is not enabled' FROM pg_class
        WHERE oid = $1::text::regclass AND NOT relrowsecurity
    UNION ALL SELECT 'row-level security is not forced on its owner' FROM pg_class
        WHERE oid = $1::text::regclass AND NOT relforcerowsecurity
    UNION ALL SELECT 'no policy binds it to the workspace' WHERE NOT EXISTS (
        SELECT FROM pg_policy WHERE polrelid = $1::text::regclass AND polcmd = '*'
            AND pg_get_expr(polqual, polrelid) LIKE '%witan.workspace_id%')
    UNION ALL SELECT 'the policy ' || polname || ' lets write what is not the workspace''s' FROM pg_policy
        WHERE polrelid = $1::text::regclass AND polpermissive AND polcmd <> 'r'
            AND coalesce(pg_get_expr(polwithcheck, polrelid), pg_get_expr(polqual, polrelid)) NOT LIKE '%witan.workspace_id%'
    UNION ALL SELECT 'the unique index ' || indexrelid::regclass || ' does not lead with the workspace'
        FROM pg_index JOIN pg_attribute a ON a.attrelid = indrelid AND a.attname = 'workspace_id'
        WHERE indrelid = $1::text::regclass AND indisunique AND indkey[0] <> a.attnum
    UNION ALL SELECT 'the foreign key ' || conname || ' does not lead with the workspace'
        FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attname = 'workspace_id'
        WHERE conrelid = $1::text::regclass AND contype = 'f' AND conkey[1] <> a.attnum
            AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = confrelid AND attname = 'workspace_id')
    UNION ALL SELECT 'the role ' || rolname || ' can bypass row-level security' FROM pg_roles
        WHERE rolname = $2 AND (rolsuper OR rolbypassrls)
    UNION ALL SELECT 'the role ' || $2 || ' can become its owner' FROM pg_class
        WHERE oid = $1::text::regclass AND pg_has_role($2, relowner, 'MEMBER')";

#[tokio::test(flavor = "multi_thread")]
async fn every_tenant_table_is_fenced() {
    let world = World::start().await;
    let database = world.system.database().superuser().await.unwrap();
    let mut mistakes = Vec::new();
    for (service, table) in tenant_tables(&database).await {
        let name = format!("{service}.{table}");
        for row in database.query(MISTAKES, &[&name, &role(&service)]).await.unwrap() {
            mistakes.push(format!("{name}: {}", row.get::<_, String>(0)));
        }
    }
    let open = database.query(OPEN_PARTITIONS, &[]).await.unwrap();
    mistakes.extend(open.iter().map(|row| format!("{}: the partition is open", row.get::<_, String>(0))));
    let listed = include_str!("crossing_columns.txt").lines().filter(|line| !line.starts_with('#'));
    let listed: BTreeSet<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    let found = database.query(CROSSING_COLUMNS, &[]).await.unwrap();
    let found: BTreeSet<&str> = found.iter().map(|row| row.get(0)).collect();
    mistakes
        .extend(found.difference(&listed).map(|column| format!("{column} is not in crossing_columns.txt")));
    mistakes.extend(listed.difference(&found).map(|column| format!("{column} is listed and not there")));
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_forget_the_workspace_touch_its_rows_alone() {
    let world = World::start().await;
    furnish_both(&world).await;
    pretend_to_end(&world, &world.ada).await;
    pretend_to_end(&world, &world.grace).await;
    let database = world.system.database().superuser().await.unwrap();
    let mut mistakes = Vec::new();
    for (service, table) in tenant_tables(&database).await {
        // Foreign keys would refuse to empty a table; here it matters which rows are reached.
        let off = format!("ALTER TABLE {service}.{table} DISABLE TRIGGER ALL");
        database.batch_execute(&off).await.unwrap();
        let expected = rows_by_owner(&database, &world, &service, &table).await;
        let mut own = world.system.database().app(&service).await.unwrap();
        let tx = own.transaction().await.unwrap();
        mistakes.extend(reach(tx, &world, &service, &table, expected).await);
    }
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}

/// As the service itself, with the second workspace bound: what an unfiltered statement of each kind reaches.
async fn reach(
    mut tx: Transaction<'_>,
    world: &World,
    service: &str,
    table: &str,
    (theirs, own): (i64, i64),
) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut note = |what: String| mistakes.push(format!("{service}.{table}: {what}"));
    if theirs == 0 || own == 0 {
        note("no rows of both workspaces: make some in furniture.rs".to_owned());
    }
    let seen = count(&tx, service, table).await;
    if seen != 0 {
        note(format!("{seen} rows are seen without a workspace"));
    }
    let workspace = world.grace.workspace.uuid().to_string();
    tx.execute("SELECT set_config('witan.workspace_id', $1, true)", &[&workspace]).await.unwrap();
    let seen = count(&tx, service, table).await;
    if seen != own {
        note(format!("{seen} rows are seen of {own}"));
    }
    for statement in [
        format!("UPDATE {service}.{table} SET workspace_id = workspace_id"),
        format!("DELETE FROM {service}.{table}"),
    ] {
        let attempt = tx.transaction().await.unwrap();
        match attempt.execute(&statement, &[]).await {
            Ok(touched) if touched == own.unsigned_abs() => {}
            // What the role may not do at all is fenced as well.
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {}
            Ok(touched) => note(format!("{statement} touches {touched} rows of {own}")),
            Err(error) => note(format!("{statement}: {error}")),
        }
        attempt.rollback().await.unwrap();
    }
    mistakes
}

async fn count(tx: &Transaction<'_>, service: &str, table: &str) -> i64 {
    tx.query_one(&format!("SELECT count(*) FROM {service}.{table}"), &[]).await.unwrap().get(0)
}

/// How many rows each tenant table has of the first workspace, and of the second.
pub(crate) async fn all_rows_by_owner(world: &World) -> BTreeMap<String, (i64, i64)> {
    let database = world.system.database().superuser().await.unwrap();
    let mut rows = BTreeMap::new();
    for (service, table) in tenant_tables(&database).await {
        let counts = rows_by_owner(&database, world, &service, &table).await;
        rows.insert(format!("{service}.{table}"), counts);
    }
    rows
}

/// How many rows there are of the first workspace, and of the second.
async fn rows_by_owner(database: &Client, world: &World, service: &str, table: &str) -> (i64, i64) {
    let count = format!("SELECT count(*) FROM {service}.{table} WHERE workspace_id::text = $1");
    let of = async |person: &Person| -> i64 {
        database.query_one(&count, &[&person.workspace.uuid().to_string()]).await.unwrap().get(0)
    };
    (of(&world.ada).await, of(&world.grace).await)
}

async fn tenant_tables(database: &Client) -> Vec<(String, String)> {
    let rows = database.query(TENANT_TABLES, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn role(service: &str) -> String {
    format!("witan_{service}")
}

/// A digest of a person's and their workspace's rows in every table that has them.
pub(crate) async fn rows_of(world: &World, person: &Person) -> BTreeMap<String, String> {
    let database = world.system.database().superuser().await.unwrap();
    let columns = "
        SELECT n.nspname::text, c.relname::text, a.attname::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname IN ('workspace_id', 'user_id') AND NOT a.attisdropped
            AND n.nspname NOT IN ('pg_catalog', 'information_schema')";
    let mut digests = BTreeMap::new();
    for row in database.query(columns, &[]).await.unwrap() {
        let (schema, table, column): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let id = if column == "user_id" { person.user.uuid() } else { person.workspace.uuid() };
        let digest = format!(
            "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {schema}.{table} t
             WHERE {column}::text = $1"
        );
        let digest = database.query_one(&digest, &[&id.to_string()]).await.unwrap();
        digests.insert(format!("{schema}.{table}.{column}"), digest.get(0));
    }
    digests
}
