use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use witan_lifecycle::CancellationToken;

/// Entries that a slow reader may be behind; beyond, it reads them from the log.
const BACKLOG: usize = 256;

/// A log while this process writes it.
#[derive(Debug)]
pub struct Live<E> {
    /// Entries that have just been stored.
    pub entries: broadcast::Sender<Arc<E>>,
    /// A person wants it to stop.
    pub stop: CancellationToken,
}

/// The logs that this process writes: who wants to follow one, or stop it, finds it here. Clones are the same.
#[derive(Debug)]
pub struct LiveLogs<K, E>(Arc<Mutex<HashMap<K, Live<E>>>>);

/// Keeps a log listed; dropping it takes the log off the list, which readers notice.
pub struct Listed<K: Eq + Hash + Copy, E> {
    logs: LiveLogs<K, E>,
    id: K,
    /// What is listed.
    pub live: Live<E>,
}

impl<K: Eq + Hash + Copy, E> LiveLogs<K, E> {
    /// Lists a log that this process is about to write.
    pub fn list(&self, id: K) -> Listed<K, E> {
        let live = Live { entries: broadcast::Sender::new(BACKLOG), stop: CancellationToken::new() };
        self.logs().insert(id, live.clone());
        Listed { logs: self.clone(), id, live }
    }

    /// A log of this process, if it is still written.
    pub fn find(&self, id: K) -> Option<Live<E>> {
        self.logs().get(&id).cloned()
    }

    fn logs(&self) -> MutexGuard<'_, HashMap<K, Live<E>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> Live<E> {
    /// Shows an entry that was stored to whoever follows.
    pub fn show(&self, entry: E) {
        // Nobody may be listening.
        let _ = self.entries.send(Arc::new(entry));
    }
}

impl<E> Clone for Live<E> {
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), stop: self.stop.clone() }
    }
}

impl<K, E> Clone for LiveLogs<K, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, E> Default for LiveLogs<K, E> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Copy, E> fmt::Debug for Listed<K, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listed")
    }
}

impl<K: Eq + Hash + Copy, E> Drop for Listed<K, E> {
    fn drop(&mut self) {
        self.logs.logs().remove(&self.id);
    }
}
