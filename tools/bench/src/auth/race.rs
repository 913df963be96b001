//! Many tabs that refresh with one token in the same instant, again and again.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::client;
use super::world::{PASSWORD, World};

const TABS: usize = 50;
const ROUNDS: usize = 1000;

pub(super) async fn row(world: &World) -> Result<Vec<String>> {
    let client = client()?;
    let url = world.url("/api/v1/auth/refresh");
    let mut newest = world.login(0, PASSWORD).await.expect(200).text_at("/refreshToken");
    let (mut refused, mut torn) = (0, 0);
    for _ in 0..ROUNDS {
        let body = json!({ "refreshToken": newest });
        let tabs = (0..TABS).map(|_| {
            let request = client.post(&url).json(&body);
            async move {
                let answer = request.send().await?;
                let refused = answer.status() != 200;
                anyhow::Ok((refused, answer.json::<Value>().await?))
            }
        });
        let answers = try_join_all(tabs).await?;
        refused += answers.iter().filter(|(refused, _)| *refused).count();
        let successors: HashSet<&str> =
            answers.iter().filter_map(|(_, answer)| answer["refreshToken"].as_str()).collect();
        torn += usize::from(successors.len() != 1);
        newest = successors.into_iter().next().context("nobody is signed in any longer")?.to_owned();
    }
    let head = format!("{TABS} tabs, {ROUNDS} rounds");
    Ok(vec![head, refused.to_string(), torn.to_string(), "0 and 0".to_owned()])
}
