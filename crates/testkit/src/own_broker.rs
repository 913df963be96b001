use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::amqp::connect;
use crate::process::free_address;
use crate::service::fresh_folder;
use crate::wait::{PATIENCE, eventually_within};

const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A RabbitMQ that only one test uses, to be stopped and started. Dropping it ends it and removes its data.
pub struct OwnBroker {
    folder: PathBuf,
    amqp: u16,
    distribution: u16,
    epmd: u16,
    child: Option<Child>,
}

impl OwnBroker {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let folder = fresh_folder().expect("a folder");
        let port = || free_address().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let mut broker = Self { folder, amqp: port(), distribution: port(), epmd: port(), child: None };
        broker.resume().await;
        broker
    }

    /// Where clients connect.
    #[must_use]
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}", self.amqp)
    }

    /// Kills it, as a machine that loses power does. What it confirmed is on its disk.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("a running broker");
        child.kill().expect("a running broker");
        child.wait().expect("a killed broker");
    }

    /// Starts it again on the same data and port.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn resume(&mut self) {
        let file = |name: &str| self.folder.join(name);
        std::fs::write(file("rabbitmq.conf"), format!("listeners.tcp.1 = 127.0.0.1:{}\n", self.amqp))
            .expect("a file");
        std::fs::write(file("enabled_plugins"), "[].\n").expect("a file");
        let mut command = Command::new(SERVER);
        command
            .env("HOME", &self.folder)
            .env("RABBITMQ_NODENAME", format!("own-{}@localhost", self.amqp))
            .env("RABBITMQ_NODE_PORT", self.amqp.to_string())
            .env("RABBITMQ_DIST_PORT", self.distribution.to_string())
            .env("ERL_EPMD_PORT", self.epmd.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_MNESIA_BASE", file("mnesia"))
            .env("RABBITMQ_LOG_BASE", file("log"))
            .env("RABBITMQ_CONFIG_FILE", file("rabbitmq.conf"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", file("none.config"))
            .env("RABBITMQ_CONF_ENV_FILE", file("none.conf"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", file("enabled_plugins"))
            .env("RABBITMQ_PID_FILE", file("pid"))
            // Makes the script become the Erlang VM, so that killing it kills the broker.
            .env("RUNNING_UNDER_SYSTEMD", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap_or_else(|error| panic!("{SERVER}: {error}")));
        let url = self.url();
        eventually_within(3 * PATIENCE, "the broker", async || connect(&url).await.is_ok()).await;
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        end_epmd(self.epmd);
        let _ = std::fs::remove_dir_all(Path::new(&self.folder));
    }
}

/// Erlang's port mapper makes itself a daemon and outlives the broker that started it.
fn end_epmd(port: u16) {
    let _ = Command::new("epmd")
        .args(["-port", &port.to_string(), "-kill"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
