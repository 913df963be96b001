use async_trait::async_trait;
use witan_config::Reader;
use witan_events::{Consumers, Erasure, Purge};
use witan_host::{Context, Service};
use witan_jobs::Runner;
use witan_pg::{EmbeddedMigrations, MigrationSet, diesel_migrations, resealing};
use witan_web::Routes;

use crate::app::App;
use crate::config::WebhooksConfig;
use crate::events::FanOut;
use crate::jobs::deliver::Deliver;
use crate::jobs::held::{Held, KEPT};
use crate::jobs::meter::{self, meter};
use crate::jobs::replay::ReplayJob;
use crate::jobs::retention::{self, retire};
use crate::jobs::silence::Silence;
use crate::jobs::watch::watch;
use crate::seals::SEALED;

const MIGRATIONS: EmbeddedMigrations = diesel_migrations::embed_migrations!();

/// The webhooks service.
pub struct Webhooks;

#[async_trait]
impl Service for Webhooks {
    const NAME: &'static str = "webhooks";
    const ABOUT: &'static str = "Events delivered to partners: signed, retried, logged, replayable.";
    type Config = WebhooksConfig;
    type App = App;

    fn configure(r: &mut Reader<'_>) -> Option<WebhooksConfig> {
        WebhooksConfig::read(r)
    }

    fn migrations() -> Vec<MigrationSet> {
        vec![MigrationSet { name: Self::NAME, migrations: MIGRATIONS }]
    }

    fn routes() -> Routes {
        crate::routes::public()
    }

    fn internal_routes() -> Routes {
        crate::routes::internal()
    }

    async fn start(config: WebhooksConfig, cx: &Context) -> anyhow::Result<App> {
        let app = App::new(config, cx);
        Consumers::new(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, cx.service)
            .tenant(FanOut { clock: cx.clock.clone() })
            .system(Erasure { service: Self::NAME, clock: cx.clock.clone(), holder: Held })
            .tenant(Purge { service: Self::NAME, clock: cx.clock.clone(), keeper: KEPT })
            .tenant(Silence { clock: cx.clock.clone() })
            .spawn();
        let deliver = Deliver::new(app.clone(), &cx.lifecycle);
        let counted = cx.clock.clone();
        let (clock, keep) = (cx.clock.clone(), app.config.keep);
        Runner::new(&cx.pg, &cx.clock, &cx.lifecycle)
            .worker(deliver.replayed())
            .worker(deliver)
            .worker(ReplayJob(app.clone()))
            .periodic("webhooks.meter", meter::EVERY, move |pg| meter(pg, counted.clone()))
            .periodic("webhooks.keys", resealing::EVERY, resealing::job(&cx.cipher, &cx.clock, &SEALED))
            .periodic("webhooks.retention", retention::EVERY, move |pg| retire(pg, clock.clone(), keep))
            .spawn();
        cx.lifecycle.spawn("webhooks.watch", watch(app.clone(), cx.lifecycle.stopping()));
        Ok(app)
    }
}
