//! People who work on while everything breaks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::json;

use crate::api::Api;

const PEOPLE: usize = 8;
/// Between what one of them does; forty changes a second at most together.
const PAUSE: Duration = Duration::from_millis(200);

/// When each change was acknowledged, by the name that it gave.
pub(crate) type Acknowledged = HashMap<String, Instant>;

/// Works until `done`, then finishes what was begun.
pub(crate) async fn work(api: &Api, prefix: &str, done: &AtomicBool) -> Result<Acknowledged> {
    let next = AtomicUsize::new(0);
    let people = (0..PEOPLE).map(|_| async {
        let mut acknowledged = Vec::new();
        while !done.load(Ordering::Relaxed) {
            let name = format!("{prefix} {}", next.fetch_add(1, Ordering::Relaxed));
            api.insist(Method::POST, "/api/v1/startups", &json!({ "name": name })).await?;
            acknowledged.push((name, Instant::now()));
            tokio::time::sleep(PAUSE).await;
        }
        anyhow::Ok(acknowledged)
    });
    Ok(try_join_all(people).await?.into_iter().flatten().collect())
}
