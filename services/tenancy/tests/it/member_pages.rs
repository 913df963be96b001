//! A page of members costs what is on it, however many there are.

use std::time::{Duration, Instant};

use witan_ids::WorkspaceId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService};

use crate::settle;

/// So many that reading all of them is seen at once.
const MANY: i64 = 20_000;

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

/// The median of what a page takes.
async fn cost(person: &Client, query: &str) -> Duration {
    let path = format!("/api/v1/workspaces/{}/members?limit=10{query}", person.workspace());
    let mut times = Vec::new();
    for _ in 0..31 {
        let begun = Instant::now();
        person.get(&path).await.expect(200);
        times.push(begun.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_many_costs_what_one_of_few_does() {
    // One connection: what it learnt of a small workspace is what it would keep for a large one.
    let service = TestService::<Tenancy>::start_with(|builder| {
        builder.env("TENANCY_DATABASE_POOL", "1").env("RATE_LIMIT_GENERAL", "1000000")
    })
    .await;
    let (few, many) = (settle(&service, "Few").await, settle(&service, "Many").await);
    crowd(&service, few.workspace(), 9).await;
    crowd(&service, many.workspace(), MANY).await;
    service.database().superuser().await.unwrap().batch_execute("VACUUM ANALYZE").await.unwrap();
    for query in ["", "&role=ADMIN", "&status=INACTIVE", "&role=MEMBER&status=ACTIVE", "&search=person"] {
        let (small, large) = (cost(&few, query).await, cost(&many, query).await);
        assert!(large < 4 * small + Duration::from_millis(5), "{query}: {small:?} and {large:?}");
    }
}
