//! The wiring.

use async_trait::async_trait;
use witan_config::Reader;
use witan_events::{Consumers, Erasure, Purge};
use witan_host::{Context, Service};
use witan_jobs::Runner;
use witan_pg::{EmbeddedMigrations, MigrationSet, Pg, diesel_migrations, resealing};
use witan_web::Routes;

use crate::app::App;
use crate::config::Config;
use crate::jobs::held::{Held, KEPT};
use crate::jobs::projects::Projects;
use crate::jobs::retention;
use crate::jobs::sessions;
use crate::keys::SEALED;
use crate::routes;
use crate::runs::keep;

const MIGRATIONS: EmbeddedMigrations = diesel_migrations::embed_migrations!();

/// The council service.
pub struct Council;

#[async_trait]
impl Service for Council {
    const NAME: &'static str = "council";
    const ABOUT: &'static str = "A council of models that advises start-ups.";
    type Config = Config;
    type App = App;

    fn configure(r: &mut Reader<'_>) -> Option<Config> {
        Config::read(r)
    }

    fn migrations() -> Vec<MigrationSet> {
        vec![MigrationSet { name: Self::NAME, migrations: MIGRATIONS }]
    }

    fn routes() -> Routes {
        routes::public()
    }

    fn internal_routes() -> Routes {
        routes::internal()
    }

    async fn start(config: Config, cx: &Context) -> anyhow::Result<App> {
        let app = App::new(config, cx);
        Consumers::new(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, Self::NAME)
            .system(Erasure { service: Self::NAME, clock: cx.clock.clone(), holder: Held })
            .tenant(Purge { service: Self::NAME, clock: cx.clock.clone(), keeper: KEPT })
            .tenant(Projects)
            .spawn();
        cx.lifecycle.spawn("council.keeper", keep(app.clone()));
        let (clock, kept) = (cx.clock.clone(), app.event_retention);
        let of_sessions = cx.clock.clone();
        Runner::new(&cx.pg, &cx.clock, &cx.lifecycle)
            .periodic("council.retention", retention::EVERY, move |pg: Pg| {
                let before = clock.now() - kept;
                async move { retention::sweep(&pg, before).await }
            })
            .periodic("council.sessions", sessions::EVERY, move |pg: Pg| {
                let clock = of_sessions.clone();
                async move { sessions::expire(&pg, &clock).await }
            })
            .periodic("council.keys", resealing::EVERY, resealing::job(&cx.cipher, &cx.clock, &SEALED))
            .spawn();
        Ok(app)
    }
}
