use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use witan_clock::Clock;
use witan_config::Env;
use witan_kv::{Kv, RedisConfig};
use witan_lifecycle::Lifecycle;

const PATIENCE: Duration = Duration::from_secs(10);

/// A part of Redis that nobody else uses, and who connects to it.
pub(crate) struct World {
    prefix: String,
    budget: Duration,
    clock: Clock,
    lifecycle: Lifecycle,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::at(Clock::system())
    }

    /// With another clock than the system's.
    pub(crate) fn at(clock: Clock) -> Self {
        Self::build(clock, PATIENCE)
    }

    fn build(clock: Clock, budget: Duration) -> Self {
        // Not from a manual clock, which makes the same ids again in the next run.
        let prefix = format!("wt-kv-{}:", Clock::system().uuid_v7().simple());
        Self { prefix, budget, clock, lifecycle: Lifecycle::new() }
    }

    /// With no more patience than a service has, which on a busy machine may be too little at times.
    pub(crate) fn impatient() -> Self {
        Self::build(Clock::system(), Duration::from_millis(50))
    }

    /// Another process, so to speak.
    pub(crate) async fn kv(&self) -> Kv {
        self.connect(server()).await
    }

    pub(crate) async fn kv_at(&self, address: SocketAddr) -> Kv {
        let (credentials, _) = parts();
        self.connect(format!("redis://{credentials}{address}")).await
    }

    async fn connect(&self, url: String) -> Kv {
        let config = RedisConfig { url: url.into(), prefix: self.prefix.clone(), budget: self.budget };
        Kv::connect(&config, &self.clock, &self.lifecycle).await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

fn server() -> String {
    let env = Env::process();
    env.get("WITAN_TEST_REDIS_URL").expect("WITAN_TEST_REDIS_URL is not set: run ./scripts/test").to_owned()
}

/// The server's credentials, up to the `@`, and its address.
fn parts() -> (String, String) {
    let url = server();
    let rest = url.strip_prefix("redis://").expect("a Redis URL");
    let at = rest.rfind('@').map_or(0, |at| at + 1);
    (rest[..at].to_owned(), rest[at..].trim_end_matches('/').to_owned())
}

/// A wire to Redis that can be cut, and stopped from carrying anything without being cut.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Whole,
    Cut,
    Stuck,
}

impl Wire {
    pub(crate) async fn new(lifecycle: &Lifecycle) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = watch::Sender::new(State::Whole);
        let (shared, tasks) = (state.clone(), lifecycle.clone());
        lifecycle.spawn("wire", async move {
            while let Ok((near, _)) = listener.accept().await {
                tasks.spawn("connection", carry(near, shared.subscribe()));
            }
        });
        Self { address, state }
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn stick(&self) {
        self.state.send_replace(State::Stuck);
    }

    pub(crate) fn mend(&self) {
        self.state.send_replace(State::Whole);
    }
}

async fn carry(mut near: TcpStream, mut state: watch::Receiver<State>) {
    let (_, target) = parts();
    let Ok(mut far) = TcpStream::connect(target).await else { return };
    loop {
        let now = *state.borrow_and_update();
        match now {
            State::Cut => return,
            State::Stuck => {
                let _ = state.changed().await;
            }
            State::Whole => tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => return,
                _ = state.changed() => {}
            },
        }
    }
}

/// Waits until `condition` holds.
pub(crate) async fn eventually(mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it did not happen in time");
}
