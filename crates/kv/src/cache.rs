//! Values kept for a while, and dropped by tag.
//!
//! A tag is a key with a random version. An entry carries the versions that its tags had before it was loaded, and
//! counts only while they are the same: an invalidation that happens during a load is never lost.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, cmd};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Kv, KvError};

/// How long a tag's version is kept: longer than any entry.
const TAG_TTL: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long an entry is kept at most.
const MAX_TTL: Duration = Duration::from_secs(24 * 3600);

/// Entries under a name of their own.
#[derive(Clone, Debug)]
pub struct Cache {
    kv: Kv,
    name: &'static str,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    tags: Vec<Option<String>>,
    value: T,
}

impl Cache {
    pub(crate) fn new(kv: Kv, name: &'static str) -> Self {
        Self { kv, name }
    }

    /// The value of `key`, or what `load` gives, which is kept for `ttl` or until one of `tags` is invalidated.
    ///
    /// `tags` must be the same ones each time. Without Redis every call loads.
    ///
    /// # Errors
    /// Those of `load`.
    pub async fn get_or_load<T: Serialize + DeserializeOwned, E>(
        &self,
        key: &str,
        tags: &[&str],
        ttl: Duration,
        load: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let versions = match self.read(key, tags).await {
            Ok((Some(value), _)) => return Ok(value),
            Ok((None, versions)) => Some(versions),
            Err(error) => {
                tracing::debug!(%error, cache = self.name, "loading without the cache");
                None
            }
        };
        let value = load().await?;
        if let Some(versions) = versions
            && let Err(error) = self.write(key, versions, &value, ttl).await
        {
            tracing::debug!(%error, cache = self.name, "not cached");
        }
        Ok(value)
    }

    /// Keeps a value for `ttl` or until one of `tags` is invalidated.
    ///
    /// # Errors
    /// When Redis does not take it; the caller may ignore that.
    pub async fn put<T: Serialize>(
        &self,
        key: &str,
        tags: &[&str],
        ttl: Duration,
        value: &T,
    ) -> Result<(), KvError> {
        let versions = self.versions(tags).await?;
        self.write(key, versions, value, ttl).await
    }

    /// Drops every entry that has one of these tags.
    ///
    /// # Errors
    /// When Redis does not take it: what is cached stays until its time is up.
    pub async fn invalidate(&self, tags: &[&str]) -> Result<(), KvError> {
        for tag in tags {
            let version = u128::from_be_bytes(self.kv.0.clock.random());
            let mut set = cmd("SET");
            set.arg(self.tag(tag)).arg(format!("{version:x}")).arg("EX").arg(TAG_TTL.as_secs());
            self.run::<()>(&set).await?;
        }
        Ok(())
    }

    async fn read<T: DeserializeOwned>(
        &self,
        key: &str,
        tags: &[&str],
    ) -> Result<(Option<T>, Vec<Option<String>>), KvError> {
        let mut get = cmd("MGET");
        get.arg(self.entry(key));
        for tag in tags {
            get.arg(self.tag(tag));
        }
        let mut found: Vec<Option<String>> = self.run(&get).await?;
        let stored = if found.is_empty() { None } else { found.remove(0) };
        let entry: Option<Entry<T>> = stored.and_then(|text| serde_json::from_str(&text).ok());
        Ok((entry.filter(|entry| entry.tags == found).map(|entry| entry.value), found))
    }

    async fn versions(&self, tags: &[&str]) -> Result<Vec<Option<String>>, KvError> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let mut get = cmd("MGET");
        for tag in tags {
            get.arg(self.tag(tag));
        }
        self.run(&get).await
    }

    async fn write<T: Serialize>(
        &self,
        key: &str,
        tags: Vec<Option<String>>,
        value: &T,
        ttl: Duration,
    ) -> Result<(), KvError> {
        let text = serde_json::to_string(&Entry { tags, value }).map_err(KvError::Unreadable)?;
        let millis = u64::try_from(ttl.min(MAX_TTL).as_millis()).unwrap_or(u64::MAX).max(1);
        let mut set = cmd("SET");
        set.arg(self.entry(key)).arg(text).arg("PX").arg(millis);
        self.run(&set).await
    }

    async fn run<T: deadpool_redis::redis::FromRedisValue>(&self, command: &Cmd) -> Result<T, KvError> {
        self.kv.0.link.run(async |connection| command.query_async(connection).await).await
    }

    fn entry(&self, key: &str) -> String {
        self.kv.key(&format!("cache:{}", self.name), key)
    }

    fn tag(&self, tag: &str) -> String {
        self.kv.key(&format!("cache:{}", self.name), &format!("tag:{tag}"))
    }
}
