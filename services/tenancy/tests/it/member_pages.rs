//! A page of members reads what is on it, however many there are.

use witan_ids::WorkspaceId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService};

use crate::settle;

/// So many that reading all of them is seen at once.
const MANY: i64 = 20_000;
/// More than it takes PostgreSQL to think of keeping a plan.
const PAGES: i64 = 12;

/// Lets so many more people into a workspace.
async fn crowd(service: &TestService<Tenancy>, workspace: WorkspaceId, count: i64) {
    let database = service.database().superuser().await.unwrap();
    let people = "
        WITH made AS (
            INSERT INTO tenancy.people (user_id, email, name, updated_at)
            SELECT gen_random_uuid(), 'p' || n || '@example.org', 'Person ' || n, now()
            FROM generate_series(1::bigint, $1::bigint) n
            RETURNING user_id)
        INSERT INTO tenancy.members (workspace_id, user_id, role, status, joined_at, updated_at)
        SELECT $2::text::uuid, user_id, 'MEMBER', 'ACTIVE', now(), now() FROM made";
    database.execute(people, &[&count, &workspace.uuid().to_string()]).await.unwrap();
}

/// How many rows PostgreSQL has read of the members, through indexes or past them.
async fn rows_read(service: &TestService<Tenancy>) -> i64 {
    let database = service.database().superuser().await.unwrap();
    let read = "
        SELECT seq_tup_read + (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes i WHERE i.relid = t.relid)
        FROM pg_stat_user_tables t WHERE schemaname = 'tenancy' AND relname = 'members'";
    database.query_one(read, &[]).await.unwrap().get(0)
}

/// How many of them a page costs, on a connection that has seen the query often enough to keep a plan for it.
async fn cost(service: &mut TestService<Tenancy>, pages: &[&Client], query: &str) -> i64 {
    let before = rows_read(service).await;
    for person in pages {
        let path = format!("/api/v1/workspaces/{}/members?limit=10{query}", person.workspace());
        for _ in 0..PAGES {
            service_of(service, person).get(&path).await.expect(200);
        }
    }
    // A connection that closes tells what it has counted.
    assert!(service.halt().await);
    service.resume().await.unwrap();
    (rows_read(service).await - before) / PAGES
}

/// The person at the service's present address.
fn service_of(service: &TestService<Tenancy>, person: &Client) -> Client {
    service.person(person.user.unwrap(), None).in_workspace(person.workspace())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_many_reads_no_more_than_one_of_few() {
    // One connection: what it learnt of a small workspace is what it would keep for a large one.
    let mut service = TestService::<Tenancy>::start_with(|builder| {
        builder.env("TENANCY_DATABASE_POOL", "1").env("RATE_LIMIT_GENERAL", "1000000")
    })
    .await;
    let (few, many) = (settle(&service, "Few").await, settle(&service, "Many").await);
    crowd(&service, few.workspace(), 9).await;
    crowd(&service, many.workspace(), MANY).await;
    service.database().superuser().await.unwrap().batch_execute("VACUUM ANALYZE").await.unwrap();
    for query in ["", "&role=ADMIN", "&status=INACTIVE", "&role=MEMBER&status=ACTIVE", "&search=person"] {
        let read = cost(&mut service, &[&few, &many], query).await;
        assert!(read < 200, "{query}: {read} rows are read for two pages");
    }
}
