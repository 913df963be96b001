use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use url::Url;
use witan_host::Service;
use witan_ids::{UserId, WorkspaceId};

use crate::{Client, TestService, eventually, tokens};

/// A service as a process of its own, which can be killed. Dropping it kills it.
pub struct ServiceProcess {
    child: Child,
    name: &'static str,
    public: Url,
    internal: Url,
    clock: witan_clock::Clock,
}

impl<S: Service> TestService<S> {
    /// The service's program on this test's database, virtual host and peers. Give it `env!("CARGO_BIN_EXE_…")`, and
    /// [`halt`](Self::halt) the service in the test's own process first.
    ///
    /// # Panics
    /// When it does not become ready.
    pub async fn process(&self, program: impl AsRef<Path>) -> ServiceProcess {
        let prefix = S::NAME.to_uppercase();
        let (public, internal) = (free_address(), free_address());
        let env = self.env().clone();
        let env = env
            .with(format!("{prefix}_LISTEN"), &public)
            .with(format!("{prefix}_INTERNAL_LISTEN"), &internal);
        let mut command = Command::new(program.as_ref());
        command.arg("serve").env_clear().stdin(Stdio::null()).stdout(Stdio::null());
        for name in env.names() {
            command.env(name, env.get(name).unwrap_or_default());
        }
        let process = ServiceProcess {
            child: command.spawn().expect("the service's program"),
            name: S::NAME,
            public: url(&public),
            internal: url(&internal),
            clock: self.clock().clone(),
        };
        let probe = Client::anonymous(process.internal.clone());
        eventually("a ready process", async || {
            let ready = probe.request(reqwest::Method::GET, "/ready").send().await;
            ready.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        process
    }
}

impl ServiceProcess {
    /// A person who calls it.
    #[must_use]
    pub fn person(&self, user: UserId, workspace: Option<WorkspaceId>) -> Client {
        let claims = tokens::claims(self.name, user, workspace, &self.clock);
        Client::anonymous(self.public.clone()).with_token(tokens::sign(&claims)).with_user(user)
    }

    /// Its second port.
    #[must_use]
    pub fn internal(&self) -> Client {
        Client::anonymous(self.internal.clone())
    }

    /// Its number for the operating system.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: it has no chance to do anything more.
    ///
    /// # Panics
    /// When it is already gone.
    pub fn kill(mut self) {
        self.child.kill().expect("a running process");
        self.child.wait().expect("a killed process");
    }

    /// SIGTERM, as an orchestrator ends a process.
    ///
    /// # Panics
    /// When the signal cannot be sent.
    pub fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success(), "the process is gone");
    }

    /// How it ended, once it has.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn ended(&mut self) -> ExitStatus {
        eventually("the end of the process", async || self.child.try_wait().expect("a child")).await
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listened on a moment ago.
pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").to_string()
}

fn url(address: &str) -> Url {
    Url::parse(&format!("http://{address}/")).expect("the address of a socket")
}
