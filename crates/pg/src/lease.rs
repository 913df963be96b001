use std::ops::{Deref, DerefMut};

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;

/// A connection on loan from the pool.
///
/// Whoever drops it without [`give_back`](Self::give_back), such as a request that was cancelled, closes it:
/// the server rolls back at once, no setting and no lock survives, and the pool opens another one when needed.
pub(crate) struct Lease(Option<Object<AsyncPgConnection>>);

impl Lease {
    pub(crate) fn new(conn: Object<AsyncPgConnection>) -> Self {
        Self(Some(conn))
    }

    /// Returns the connection, known to be outside any transaction, to the pool.
    pub(crate) fn give_back(mut self) {
        self.0 = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(conn) = self.0.take() {
            drop(Object::take(conn));
        }
    }
}

const GONE: &str = "a lease holds its connection until it is dropped";

impl Deref for Lease {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        self.0.as_ref().expect(GONE)
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        self.0.as_mut().expect(GONE)
    }
}
