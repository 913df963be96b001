use async_trait::async_trait;
use witan_config::Reader;
use witan_events::{Consumers, Erasure, Purge};
use witan_host::{Context, Service};
use witan_inbound::Receipts;
use witan_jobs::Runner;
use witan_pg::{EmbeddedMigrations, MigrationSet, Pg, diesel_migrations, resealing};
use witan_web::Routes;

use crate::app::App;
use crate::config::ChatConfig;
use crate::jobs::held::{Held, KEPT};
use crate::jobs::projects::Projects;
use crate::jobs::sweep;
use crate::jobs::traits::Traits;
use crate::seals::SEALED;

const MIGRATIONS: EmbeddedMigrations = diesel_migrations::embed_migrations!();

/// The chat service.
pub struct Chat;

#[async_trait]
impl Service for Chat {
    const NAME: &'static str = "chat";
    const ABOUT: &'static str = "Personas, and conversations with them.";
    type Config = ChatConfig;
    type App = App;

    fn configure(r: &mut Reader<'_>) -> Option<ChatConfig> {
        ChatConfig::read(r)
    }

    fn migrations() -> Vec<MigrationSet> {
        vec![
            MigrationSet { name: "inbound", migrations: witan_inbound::MIGRATIONS },
            MigrationSet { name: Self::NAME, migrations: MIGRATIONS },
        ]
    }

    fn routes() -> Routes {
        crate::routes::public()
    }

    fn internal_routes() -> Routes {
        crate::routes::internal()
    }

    async fn start(config: ChatConfig, cx: &Context) -> anyhow::Result<App> {
        let app = App::new(config, cx);
        Consumers::new(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, Self::NAME)
            .system(Erasure { service: Self::NAME, clock: cx.clock.clone(), holder: Held })
            .tenant(Purge { service: Self::NAME, clock: cx.clock.clone(), keeper: KEPT })
            .tenant(Projects)
            .spawn();
        let clock = cx.clock.clone();
        let traits =
            Receipts { pg: cx.pg.clone(), clock: cx.clock.clone(), handler: Traits(cx.clock.clone()) };
        Runner::new(&cx.pg, &cx.clock, &cx.lifecycle)
            .worker(traits)
            .periodic("chat.sweep", sweep::EVERY, move |pg: Pg| {
                let clock = clock.clone();
                async move { sweep::sweep(&pg, &clock).await }
            })
            .periodic("chat.keys", resealing::EVERY, resealing::job(&cx.cipher, &cx.clock, &SEALED))
            .spawn();
        Ok(app)
    }
}
