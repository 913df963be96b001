//! Whether whoever asked is still there.
//!
//! The server reads from a connection again when its answer is sent, and tells a handler nothing meanwhile. What costs money while nobody
//! waits for it can watch the connection itself.

use std::any::Any;
use std::os::fd::{AsFd, OwnedFd};

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;

/// A second descriptor of the connection, which nothing is taken from.
struct Connection(OwnedFd);

impl Connection {
    fn watch(&self) -> std::io::Result<TcpStream> {
        TcpStream::from_std(self.0.try_clone()?.into())
    }
}

/// Remembers a connection for the requests that come by it.
pub(crate) fn remember(connection: &dyn Any, extensions: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Ok(descriptor) = stream.as_fd().try_clone_to_owned()
    {
        extensions.insert(Connection(descriptor));
    }
}

/// Returns once whoever sent the request has closed the connection, or has at least said that nothing more comes by it, which of an HTTP
/// client means the same. Never returns where that cannot be known, as of one who has sent the next request ahead.
pub async fn left(request: &HttpRequest) {
    if let Some(connection) = request.conn_data::<Connection>()
        && let Ok(stream) = connection.watch()
        && let Ok(0) | Err(_) = stream.peek(&mut [0]).await
    {
        return;
    }
    std::future::pending().await
}
