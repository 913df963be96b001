//! The same page of a small list and of a long one, in a small installation and in a large one.

use anyhow::{Context as _, Result};
use serde_json::json;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService};

use super::{ROUNDS, crowd};
use crate::handlers::{service, settle};
use crate::{load, table};

/// Ten members beside a hundred thousand.
pub(super) async fn members() -> Result<Vec<String>> {
    let (few, many) = (service::<Tenancy>().await, service::<Tenancy>().await);
    let (ada, grace) = (settle(&few).await, settle(&many).await);
    crowd::people(&few, ada.workspace(), 9).await?;
    crowd::people(&many, grace.workspace(), 99_999).await?;
    let url = |service: &TestService<Tenancy>, person: &Client| {
        let members = format!("/api/v1/workspaces/{}/members?limit=10", person.workspace());
        format!("http://{}{members}", service.running().public_addr)
    };
    let name = "`GET /workspaces/{id}/members`, 10 members and 100,000";
    compare(name, (url(&few, &ada), &ada), (url(&many, &grace), &grace), "1.2").await
}

/// Ten workspaces beside ten thousand.
pub(super) async fn workspaces() -> Result<Vec<String>> {
    let (few, many) = (service::<Tenancy>().await, service::<Tenancy>().await);
    let (ada, grace) = (settle(&few).await, settle(&many).await);
    crowd::workspaces(&few, 9).await?;
    crowd::workspaces(&many, 9_999).await?;
    for person in [&ada, &grace] {
        for number in 0..10 {
            let startup = json!({ "name": format!("Start-up {number}") });
            let _ = person.post("/api/v1/startups", startup).await.expect(201);
        }
    }
    let url = |service: &TestService<Tenancy>| {
        format!("http://{}/api/v1/startups?limit=10", service.running().public_addr)
    };
    compare("`GET /startups`, 10 workspaces and 10,000", (url(&few), &ada), (url(&many), &grace), "1.1").await
}

/// Both in turns; a row of medians.
async fn compare(
    name: &str,
    few: (String, &Client),
    many: (String, &Client),
    goal: &str,
) -> Result<Vec<String>> {
    let (mut small, mut large) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        small.push(load::rate(&few.0, &headers(few.1)?).await?);
        large.push(load::rate(&many.0, &headers(many.1)?).await?);
    }
    let (small, large) = (table::median(small), table::median(large));
    let slower = format!("{:.2} x", small / large);
    Ok(vec![name.to_owned(), format!("{small:.0}"), format!("{large:.0}"), slower, format!("{goal} x")])
}

fn headers(person: &Client) -> Result<Vec<(&'static str, String)>> {
    let token = person.token().context("a token")?;
    Ok(vec![("Authorization", format!("Bearer {token}")), ("X-Workspace-Id", person.workspace().to_string())])
}
