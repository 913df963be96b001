use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A wire that can be cut: stands between a service and one of its servers.
///
/// Cut, it closes what is open and refuses what is new, as if the server had gone; mended, it lets through again.
pub struct Wire {
    address: SocketAddr,
    target: Arc<OnceLock<String>>,
    state: Arc<watch::Sender<bool>>,
    acceptor: JoinHandle<()>,
}

impl Wire {
    /// A wire to `host:port`, whole.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn to(target: impl Into<String>) -> Result<Self> {
        let wire = Self::loose().await?;
        wire.plug(target);
        Ok(wire)
    }

    /// A wire that leads nowhere yet: what connects to it is closed until it is plugged in.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn loose() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(watch::Sender::new(true));
        let target = Arc::new(OnceLock::<String>::new());
        let (shared, end) = (Arc::clone(&state), Arc::clone(&target));
        #[expect(clippy::disallowed_methods, reason = "aborted when the wire is dropped")]
        let acceptor = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Some(target) = end.get() else { continue };
                #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
                tokio::spawn(carry(near, target.clone(), shared.subscribe()));
            }
        });
        Ok(Self { address, target, state, acceptor })
    }

    /// Leads a loose wire to `host:port`.
    ///
    /// # Panics
    /// When it leads somewhere already.
    pub fn plug(&self, target: impl Into<String>) {
        self.target.set(target.into()).expect("a wire has one end");
    }

    /// Where the service should connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks every connection now and every new one at once.
    pub fn cut(&self) {
        self.state.send_replace(false);
    }

    /// Lets new connections through.
    pub fn mend(&self) {
        self.state.send_replace(true);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
        self.acceptor.abort();
    }
}

async fn carry(mut near: TcpStream, target: String, mut whole: watch::Receiver<bool>) {
    if !*whole.borrow_and_update() {
        return;
    }
    let Ok(mut far) = TcpStream::connect(&target).await else { return };
    let _ = near.set_nodelay(true);
    let _ = far.set_nodelay(true);
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
