//! Many people and many workspaces, written as the service would have written them.

use anyhow::Result;
use witan_ids::WorkspaceId;
use witan_tenancy::Tenancy;
use witan_testkit::TestService;

/// Lets so many more people into a workspace.
pub(super) async fn people(service: &TestService<Tenancy>, workspace: WorkspaceId, count: i64) -> Result<()> {
    let database = service.database().superuser().await?;
    let people = "
        WITH made AS (
            INSERT INTO tenancy.people (user_id, email, name, updated_at)
            SELECT gen_random_uuid(), 'p' || n || '@example.org', 'Person ' || n, now()
            FROM generate_series(1::bigint, $1::bigint) n
            RETURNING user_id)
        INSERT INTO tenancy.members (workspace_id, user_id, role, status, joined_at, updated_at)
        SELECT $2::text::uuid, user_id, 'MEMBER', 'ACTIVE', now(), now() FROM made";
    database.execute(people, &[&count, &workspace.uuid().to_string()]).await?;
    Ok(database.batch_execute("VACUUM ANALYZE").await?)
}

/// Makes so many more workspaces, each with ten members and ten start-ups.
pub(super) async fn workspaces(service: &TestService<Tenancy>, count: i64) -> Result<()> {
    let database = service.database().superuser().await?;
    let made = "
        CREATE TEMPORARY TABLE made AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, $1) n;";
    database.batch_execute(&made.replace("$1", &count.to_string())).await?;
    database
        .batch_execute(
            "INSERT INTO tenancy.workspaces (workspace_id, name, created_by, created_at, updated_at)
             SELECT id, 'Workspace ' || n, gen_random_uuid(), now(), now() FROM made;
             CREATE TEMPORARY TABLE crowd AS
                SELECT id AS workspace_id, gen_random_uuid() AS user_id, m FROM made, generate_series(1, 10) m;
             INSERT INTO tenancy.people (user_id, email, name, updated_at)
             SELECT user_id, user_id || '@example.org', 'Person ' || m, now() FROM crowd;
             INSERT INTO tenancy.members (workspace_id, user_id, role, status, joined_at, updated_at)
             SELECT workspace_id, user_id, 'MEMBER', 'ACTIVE', now(), now() FROM crowd;
             INSERT INTO tenancy.startups (workspace_id, id, name, created_by, created_at, updated_at)
             SELECT workspace_id, gen_random_uuid(), 'Start-up ' || m, user_id, now(), now() FROM crowd",
        )
        .await?;
    Ok(database.batch_execute("VACUUM ANALYZE").await?)
}
