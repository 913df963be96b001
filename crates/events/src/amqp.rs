use std::sync::Arc;
use std::time::Duration;

use lapin::Channel;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use witan_lifecycle::Lifecycle;

use crate::AmqpConfig;
use crate::error::{AmqpError, within};
use crate::link::Link;

/// The broker: one connection to publish and one to consume, rebuilt for ever. Clones share them.
///
/// Two, because a broker that is short of memory stops reading from connections that publish.
#[derive(Clone)]
pub struct Amqp(Arc<Shared>);

struct Shared {
    publish: Link,
    consume: Link,
    users: TaskTracker,
    undeclared: watch::Sender<usize>,
}

impl Amqp {
    /// Starts connecting in the background, and goes on until the process stops.
    pub fn connect(config: &AmqpConfig, lifecycle: &Lifecycle) -> Self {
        let users = TaskTracker::new();
        let link = |name| Link::start(name, config, lifecycle, users.clone());
        let (publish, consume) = (link("publish"), link("consume"));
        Self(Arc::new(Shared { publish, consume, users, undeclared: watch::Sender::new(0) }))
    }

    /// Whether both connections stand.
    pub fn is_connected(&self) -> bool {
        self.0.publish.is_connected() && self.0.consume.is_connected()
    }

    /// Waits until both connections stand and everything that consumes has its queue, and says whether that
    /// happened in time. What is published before is not for those queues.
    pub async fn wait_ready(&self, deadline: Duration) -> bool {
        let mut undeclared = self.0.undeclared.subscribe();
        let ready = async {
            self.0.publish.connected().await;
            self.0.consume.connected().await;
            let _ = undeclared.wait_for(|count| *count == 0).await;
        };
        tokio::time::timeout(deadline, ready).await.is_ok()
    }

    /// A channel to publish on, with confirms.
    pub(crate) async fn publish_channel(&self) -> Result<Channel, AmqpError> {
        let channel = self.0.publish.channel().await?;
        within(channel.confirm_select(lapin::options::ConfirmSelectOptions::default())).await?;
        Ok(channel)
    }

    /// A channel to consume on.
    pub(crate) async fn consume_channel(&self) -> Result<Channel, AmqpError> {
        self.0.consume.channel().await
    }

    /// Keeps the connections open after the process was asked to stop, until it is dropped.
    pub(crate) fn user(&self) -> TaskTrackerToken {
        self.0.users.token()
    }

    /// Announces a queue that [`wait_ready`](Self::wait_ready) should wait for.
    pub(crate) fn announce(&self) -> Announced {
        self.0.undeclared.send_modify(|count| *count += 1);
        Announced { amqp: self.clone(), declared: false }
    }
}

/// A queue that is to be declared.
pub(crate) struct Announced {
    amqp: Amqp,
    declared: bool,
}

impl Announced {
    pub(crate) fn declared(&mut self) {
        if !std::mem::replace(&mut self.declared, true) {
            self.amqp.0.undeclared.send_modify(|count| *count -= 1);
        }
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        self.declared();
    }
}
