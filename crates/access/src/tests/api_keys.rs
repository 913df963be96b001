use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use witan_clock::{Clock, ManualClock};
use witan_ids::{ApiKeyId, UserId};

use crate::api_key::{self, ApiKeyProof};
use crate::{AccessError, ApiKeyRecord, ApiKeySource, ApiKeys, Denial, Scope};

#[derive(Default)]
struct Source {
    records: Mutex<HashMap<ApiKeyProof, ApiKeyRecord>>,
    asked: AtomicU32,
    /// Holds answers back, as a slow network does.
    slow: Mutex<Option<Duration>>,
}

#[async_trait]
impl ApiKeySource for Source {
    async fn find(&self, proof: &ApiKeyProof) -> Result<Option<ApiKeyRecord>, AccessError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.records.lock().unwrap().get(proof).cloned();
        let slow = *self.slow.lock().unwrap();
        if let Some(slow) = slow {
            tokio::time::sleep(slow).await;
        }
        Ok(answer)
    }
}

struct World {
    time: ManualClock,
    clock: Clock,
    source: Arc<Source>,
    keys: ApiKeys,
}

impl World {
    fn new() -> Self {
        let time = ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
        let (clock, source) = (time.clock(), Arc::new(Source::default()));
        let keys = ApiKeys::new(source.clone(), clock.clone());
        Self { time, clock, source, keys }
    }

    fn key(&self) -> (String, ApiKeyId) {
        let (key, proof) = api_key::generate(&self.clock);
        let now = self.clock.now();
        let record = ApiKeyRecord {
            key_id: ApiKeyId::generate(&self.clock),
            user_id: UserId::generate(&self.clock),
            workspace_id: None,
            default_workspace_id: None,
            scopes: vec![Scope::Read],
            methods: Vec::new(),
            created_at: now,
            expires_at: now + chrono::TimeDelta::days(1),
        };
        let id = record.key_id;
        self.source.records.lock().unwrap().insert(proof, record);
        (key, id)
    }

    fn asked(&self) -> u32 {
        self.source.asked.load(Ordering::SeqCst)
    }

    async fn refused(&self, key: &str) -> bool {
        matches!(self.keys.verify(key).await, Err(AccessError::Denied(Denial::ApiKey)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_asked_for_once_and_believed_for_seconds() {
    let world = World::new();
    let (key, id) = world.key();
    for _ in 0..10 {
        let principal = world.keys.verify(&key).await.unwrap();
        assert_eq!(principal.api_key().unwrap().key_id, id);
        assert!(principal.session_id().is_none() && !principal.platform_admin);
    }
    assert_eq!(world.asked(), 1);
    world.keys.clear();
    world.keys.verify(&key).await.unwrap();
    assert_eq!(world.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_key_is_refused_at_once_also_when_an_answer_was_under_way() {
    let world = World::new();
    let (key, id) = world.key();
    *world.source.slow.lock().unwrap() = Some(Duration::from_secs(1));
    let (answer, ()) = tokio::join!(world.keys.verify(&key), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.keys.revoke(id);
    });
    assert!(matches!(answer, Err(AccessError::Denied(Denial::ApiKey))));
    assert!(world.refused(&key).await);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_kept_ends_all_the_same() {
    let world = World::new();
    let (key, _) = world.key();
    world.keys.verify(&key).await.unwrap();
    world.time.advance(Duration::from_secs(24 * 3600));
    assert!(world.refused(&key).await);
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_knows_is_not_asked_for_again_and_again() {
    let world = World::new();
    let (unknown, _) = api_key::generate(&world.clock);
    for _ in 0..10 {
        assert!(world.refused(&unknown).await);
    }
    assert_eq!(world.asked(), 1);
    for garbage in ["", "wk_x", "Bearer x"] {
        assert!(world.refused(garbage).await);
    }
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_an_answer_for_ever() {
    let world = World::new();
    let (key, _) = world.key();
    *world.source.slow.lock().unwrap() = Some(Duration::from_secs(3600));
    let answer = world.keys.verify(&key).await;
    assert!(matches!(answer, Err(AccessError::Unavailable { .. })));
}
