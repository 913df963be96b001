//! The service under test.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Notify, mpsc};
use witan_access::{Scope, permission};
use witan_clock::Clock;
use witan_config::Reader;
use witan_host::{Context, Service};
use witan_pg::MigrationSet;
use witan_testkit::{Builder, TestService};
use witan_web::{Access, Cursors, RateClass, Routes, SseEvent, route};

pub(crate) struct Probe;

/// What the operations reach, and what a test looks at.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) shared: Arc<Shared>,
    pub(crate) cursors: Cursors,
}

#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) made: AtomicU32,
    /// Held back until somebody lets go.
    pub(crate) release: Notify,
    pub(crate) entered: Notify,
    pub(crate) streams: Mutex<Vec<mpsc::Sender<SseEvent>>>,
}

/// The apps of all services of this process, by `PROBE_ID`: a test has no other way to its own.
static APPS: Mutex<Option<HashMap<String, App>>> = Mutex::new(None);

/// A service, and what its operations reach.
pub(crate) async fn start() -> (TestService<Probe>, App) {
    start_with(|builder| builder).await
}

pub(crate) async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> (TestService<Probe>, App) {
    let id = Clock::system().uuid_v7().to_string();
    let service = TestService::start_with(|builder| configure(builder.env("PROBE_ID", &id))).await;
    let apps = APPS.lock().unwrap_or_else(PoisonError::into_inner);
    let app = apps.as_ref().and_then(|apps| apps.get(&id)).cloned().unwrap();
    (service, app)
}

impl App {
    pub(crate) fn made(&self) -> u32 {
        self.shared.made.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Service for Probe {
    const NAME: &'static str = "probe";
    type Config = String;
    type App = App;

    fn configure(r: &mut Reader<'_>) -> Option<String> {
        r.or("PROBE_ID", String::new())
    }

    fn migrations() -> Vec<MigrationSet> {
        Vec::new()
    }

    fn routes() -> Routes {
        Routes::new("probe")
            .add(route!(hello, Access::Public))
            .add(route!(me, Access::User).api_key(Scope::Read))
            .add(route!(read, Access::Workspace(permission::STARTUPS_READ)))
            .add(route!(make, Access::Workspace(permission::CHAT_WRITE)).idempotent())
            .add(route!(manage, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
            .add(route!(get_thing, Access::Public))
            .add(route!(fixed_thing, Access::Public))
            .add(route!(list, Access::User))
            .add(route!(check, Access::Public).body_limit(4096))
            .add(route!(fail, Access::Public))
            .add(route!(slow, Access::User).idempotent())
            .add(route!(stream, Access::Public))
            .add(route!(log_in, Access::Public).limit(RateClass::Auth))
            .add(route!(danger, Access::User).step_up())
            .add(route!(installation, Access::Platform))
            .add(route!(ask, Access::User).limit(RateClass::Api))
    }

    fn internal_routes() -> Routes {
        Routes::new("probe").add(route!(inside, Access::Internal))
    }

    async fn start(id: String, cx: &Context) -> anyhow::Result<App> {
        let app = App { shared: Arc::default(), cursors: cx.cursors.clone() };
        let mut apps = APPS.lock().unwrap_or_else(PoisonError::into_inner);
        apps.get_or_insert_default().insert(id, app.clone());
        Ok(app)
    }
}

mod ask;
mod check;
mod danger;
mod fail;
mod fixed_thing;
mod get_thing;
mod hello;
mod inside;
mod installation;
mod list;
mod log_in;
mod make;
mod manage;
mod me;
mod read;
mod slow;
mod stream;

pub(crate) use self::check::Shape;
