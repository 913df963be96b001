//! A note that is committed together with the first change that some work makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use futures_util::future::BoxFuture;

use crate::PgError;

tokio::task_local! {
    static NOTE: Note;
}

type Write = dyn for<'c> Fn(&'c mut AsyncPgConnection) -> BoxFuture<'c, QueryResult<usize>> + Send + Sync;

/// A statement that says that something was changed. It gives the number of rows that it wrote.
#[derive(Clone)]
pub struct Note(Arc<Inner>);

struct Inner {
    write: Box<Write>,
    written: AtomicBool,
}

impl Note {
    /// The statement; it runs at the end of a transaction that has changed something, and not again once that is
    /// committed.
    pub fn new(
        write: impl for<'c> Fn(&'c mut AsyncPgConnection) -> BoxFuture<'c, QueryResult<usize>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(Inner { write: Box::new(write), written: AtomicBool::new(false) }))
    }

    /// Runs `work`, and writes the note with the first of its transactions that changes something and commits.
    pub async fn along<T>(self, work: impl Future<Output = T>) -> T {
        NOTE.scope(self, work).await
    }
}

/// The note of the work that this is part of, written into its transaction; to be settled when that is committed.
#[derive(Default)]
pub(crate) struct Pending(Option<Note>);

impl Pending {
    /// Writes what is to be written before COMMIT.
    pub(crate) async fn write(conn: &mut AsyncPgConnection) -> Result<Self, PgError> {
        let Ok(note) = NOTE.try_with(Note::clone) else { return Ok(Self::default()) };
        if note.0.written.load(Ordering::Acquire) {
            return Ok(Self::default());
        }
        let wrote = (note.0.write)(conn).await?;
        Ok(Self((wrote > 0).then_some(note)))
    }

    /// After COMMIT.
    pub(crate) fn settle(self) {
        if let Some(note) = self.0 {
            note.0.written.store(true, Ordering::Release);
        }
    }
}
