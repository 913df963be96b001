use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use witan_kv::Cache;

use crate::world::{World, eventually};

const HOUR: Duration = Duration::from_secs(3600);

async fn load(cache: &Cache, loads: &AtomicU32, tags: &[&str], ttl: Duration) -> u32 {
    let loaded = cache.get_or_load("key", tags, ttl, async || {
        Ok::<_, Infallible>(loads.fetch_add(1, Ordering::SeqCst) + 1)
    });
    loaded.await.unwrap()
}

#[tokio::test]
async fn a_value_is_loaded_once_for_all_replicas() {
    let world = World::new();
    let (one, other) = (world.kv().await.cache("things"), world.kv().await.cache("things"));
    let loads = AtomicU32::new(0);
    assert_eq!(load(&one, &loads, &["t"], HOUR).await, 1);
    assert_eq!(load(&one, &loads, &["t"], HOUR).await, 1);
    assert_eq!(load(&other, &loads, &["t"], HOUR).await, 1);
}

#[tokio::test]
async fn a_tag_drops_its_values_everywhere() {
    let world = World::new();
    let (one, other) = (world.kv().await.cache("things"), world.kv().await.cache("things"));
    let loads = AtomicU32::new(0);
    assert_eq!(load(&one, &loads, &["a", "b"], HOUR).await, 1);
    other.invalidate(&["unrelated"]).await.unwrap();
    assert_eq!(load(&one, &loads, &["a", "b"], HOUR).await, 1);
    other.invalidate(&["b"]).await.unwrap();
    assert_eq!(load(&one, &loads, &["a", "b"], HOUR).await, 2);
}

#[tokio::test]
async fn an_invalidation_during_a_load_is_not_lost() {
    let cache = World::new().kv().await.cache("things");
    let stale = cache.get_or_load("key", &["t"], HOUR, async || {
        cache.invalidate(&["t"]).await.unwrap();
        Ok::<_, Infallible>(1)
    });
    assert_eq!(stale.await, Ok(1));
    let fresh = cache.get_or_load("key", &["t"], HOUR, async || Ok::<_, Infallible>(2));
    assert_eq!(fresh.await, Ok(2));
}

#[tokio::test]
async fn a_value_expires_and_an_error_is_not_kept() {
    let cache = World::new().kv().await.cache("things");
    let failed = cache.get_or_load("key", &[], HOUR, async || Err::<u32, _>("no"));
    assert_eq!(failed.await, Err("no"));
    let loads = AtomicU32::new(0);
    load(&cache, &loads, &[], Duration::from_millis(30)).await;
    eventually(async || load(&cache, &loads, &[], Duration::from_millis(30)).await > 1).await;
}

#[tokio::test]
async fn a_value_that_was_put_is_found_until_it_is_dropped() {
    let cache = World::new().kv().await.cache("things");
    cache.put("key", &["t"], HOUR, &7).await.unwrap();
    let loads = AtomicU32::new(0);
    assert_eq!(load(&cache, &loads, &["t"], HOUR).await, 7);
    cache.invalidate(&["t"]).await.unwrap();
    assert_eq!(load(&cache, &loads, &["t"], HOUR).await, 1);
}
