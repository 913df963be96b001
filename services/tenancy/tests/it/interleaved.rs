//! Many workspaces at once on two connections, with callers who hang up half-way.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use witan_clock::Clock;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually};

use crate::{describe, settle};

const WORKSPACES: usize = 50;
const REQUESTS: usize = 10_000;
/// More than fit on two connections, so that they wait for one another.
const AT_ONCE: usize = 40;

/// Somebody's workspace with the only things that may ever be in an answer to them.
struct Tenant {
    person: Client,
    name: String,
    startup: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_workspaces_on_two_connections_see_their_own() {
    let service = TestService::<Tenancy>::start_with(|builder| {
        let limits = ["GENERAL", "API"].map(|class| format!("RATE_LIMIT_{class}"));
        let builder = limits.iter().fold(builder, |builder, limit| builder.env(limit, "1000000"));
        builder.env("TENANCY_DATABASE_POOL", "2")
    })
    .await;
    let names = (0..WORKSPACES).map(|number| format!("tenant{number}"));
    let tenants =
        stream::iter(names).map(|name| move_in(&service, name)).buffered(8).collect::<Vec<_>>().await;
    let clock = service.clock();
    let outcomes = stream::iter(0..REQUESTS).map(|number| request(clock, &tenants, number));
    let gone = outcomes.buffer_unordered(AT_ONCE).filter(|gone| std::future::ready(*gone)).count().await;
    assert!(gone > REQUESTS / 50, "hardly anybody hung up: {gone}");
    eventually("every connection is back", async || idle(&service).await).await;
    for tenant in &tenants {
        let page = tenant.person.get("/api/v1/startups").await.expect(200).json;
        assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(page["data"][0]["id"], tenant.startup.as_str());
    }
}

async fn move_in(service: &TestService<Tenancy>, name: String) -> Tenant {
    let person = settle(service, &name).await;
    let startup = describe(&person, &name).await;
    Tenant { person, name, startup }
}

/// One request of one tenant, whose answer holds nothing of others; whether they hung up before it came.
async fn request(clock: &Clock, tenants: &[Tenant], number: usize) -> bool {
    let tenant = &tenants[number % tenants.len()];
    let neighbour = &tenants[(number + 1) % tenants.len()];
    let workspace = format!("/api/v1/workspaces/{}", tenant.person.workspace());
    let asked = async {
        let person = &tenant.person;
        match clock.random_range(0..5) {
            0 => person.get("/api/v1/startups").await.expect(200),
            1 => person.get(&format!("/api/v1/startups/{}", tenant.startup)).await.expect(200),
            2 => person.get(&format!("/api/v1/startups/{}", neighbour.startup)).await.expect(404),
            3 => person.get(&format!("{workspace}/members")).await.expect(200),
            _ => {
                let change = json!({ "name": format!("{} {number}", tenant.name) });
                person.patch(&workspace, change).await.expect(200)
            }
        }
    };
    let answer = if number.is_multiple_of(10) {
        let patience = Duration::from_micros(clock.random_range(0..20_000));
        match tokio::time::timeout(patience, asked).await {
            Ok(answer) => answer,
            Err(_) => return true,
        }
    } else {
        asked.await
    };
    holds_only(&answer.json, tenant);
    false
}

/// Every name in an answer begins with the tenant's own.
fn holds_only(value: &Value, tenant: &Tenant) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| holds_only(item, tenant)),
        Value::Object(members) => {
            if let Some(name) = members.get("name").and_then(Value::as_str) {
                let rest =
                    name.strip_prefix(&tenant.name).unwrap_or_else(|| panic!("{name} for {}", tenant.name));
                assert!(!rest.starts_with(|c: char| c.is_ascii_digit()), "{name} for {}", tenant.name);
            }
            members.values().for_each(|member| holds_only(member, tenant));
        }
        _ => {}
    }
}

/// Whether the pool is whole: no connection is missing or in a transaction.
async fn idle(service: &TestService<Tenancy>) -> bool {
    let (open, idle) = service.running().context().pg.connections();
    let database = service.database().superuser().await.unwrap();
    let busy = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'witan_tenancy' AND xact_start IS NOT NULL";
    let busy: i64 = database.query_one(busy, &[]).await.unwrap().get(0);
    (1..=2).contains(&open) && open == idle && busy == 0
}
