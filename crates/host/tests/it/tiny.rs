//! The smallest service that has something to drain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use witan_access::permission;
use witan_config::Reader;
use witan_host::{Context, Service};
use witan_pg::MigrationSet;
use witan_web::{Access, Routes, route};

/// Reads two settings, answers slowly and quickly, and has a task in the background.
pub(crate) struct Tiny;

#[derive(Clone)]
pub(crate) struct TinyApp {
    pub(crate) finished: Arc<AtomicBool>,
}

#[async_trait]
impl Service for Tiny {
    const NAME: &'static str = "tiny";
    const ABOUT: &'static str = "Answers slowly.";
    type Config = (u8, Duration);
    type App = TinyApp;

    fn configure(r: &mut Reader<'_>) -> Option<Self::Config> {
        let size = r.or("TINY_SIZE", 1);
        let pause = r.duration("TINY_PAUSE", Duration::from_secs(1));
        Some((size?, pause?))
    }

    fn migrations() -> Vec<MigrationSet> {
        Vec::new()
    }

    fn routes() -> Routes {
        Routes::new(Self::NAME)
            .add(route!(slow, Access::Public))
            .add(route!(finished, Access::Public))
            .add(route!(mine, Access::User))
            .add(route!(ours, Access::Workspace(permission::STARTUPS_READ)))
    }

    async fn start(_: Self::Config, cx: &Context) -> anyhow::Result<TinyApp> {
        let finished = Arc::new(AtomicBool::new(false));
        let (stopping, flag) = (cx.lifecycle.stopping(), finished.clone());
        cx.lifecycle.spawn("tiny", async move {
            stopping.cancelled().await;
            flag.store(true, Ordering::SeqCst);
        });
        Ok(TinyApp { finished })
    }
}

mod slow {
    use std::time::Duration;
    use witan_web::Json;

    /// Answers after the time that a small request takes.
    #[utoipa::path(get, path = "/api/v1/slow", operation_id = "slow", responses((status = 200, body = String)))]
    pub(crate) async fn handle() -> witan_web::Result<Json<String>> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(Json("slow".to_owned()))
    }
}

mod finished {
    use std::sync::atomic::Ordering;

    use witan_web::{Json, State};

    use super::TinyApp;

    /// Whether the task in the background has ended.
    #[utoipa::path(get, path = "/api/v1/finished", operation_id = "finished", responses((status = 200, body = bool)))]
    pub(crate) async fn handle(app: State<TinyApp>) -> witan_web::Result<Json<bool>> {
        Ok(Json(app.finished.load(Ordering::SeqCst)))
    }
}

mod mine {
    use witan_web::{Caller, Json};

    /// Who asks.
    #[utoipa::path(get, path = "/api/v1/mine", operation_id = "mine", responses((status = 200, body = String)))]
    pub(crate) async fn handle(caller: Caller) -> witan_web::Result<Json<String>> {
        Ok(Json(caller.user_id.to_string()))
    }
}

mod ours {
    use witan_web::{Json, Tenant};

    /// Where they belong.
    #[utoipa::path(get, path = "/api/v1/ours", operation_id = "ours", responses((status = 200, body = String)))]
    pub(crate) async fn handle(tenant: Tenant) -> witan_web::Result<Json<String>> {
        Ok(Json(tenant.workspace_id.to_string()))
    }
}
