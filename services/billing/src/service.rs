//! The wiring.

use std::sync::Arc;

use async_trait::async_trait;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use witan_config::Reader;
use witan_events::{Consumers, Purge};
use witan_host::{Context, Service};
use witan_pg::MigrationSet;
use witan_web::Routes;

use crate::app::App;
use crate::config::BillingConfig;
use crate::jobs::held::KEPT;
use crate::jobs::meter::Meter;
use crate::routes;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// The billing service.
pub struct Billing;

#[async_trait]
impl Service for Billing {
    const NAME: &'static str = "billing";
    const ABOUT: &'static str = "Plans, what they allow, and what was used.";
    type Config = BillingConfig;
    type App = App;

    fn configure(r: &mut Reader<'_>) -> Option<BillingConfig> {
        BillingConfig::read(r)
    }

    fn migrations() -> Vec<MigrationSet> {
        vec![MigrationSet { name: "billing", migrations: MIGRATIONS }]
    }

    fn routes() -> Routes {
        routes::public()
    }

    fn internal_routes() -> Routes {
        routes::internal()
    }

    async fn start(config: BillingConfig, cx: &Context) -> anyhow::Result<App> {
        let app = App { pg: cx.pg.clone(), clock: cx.clock.clone(), config: Arc::new(config) };
        Consumers::new(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, Self::NAME)
            .tenant(Meter(app.clone()))
            .tenant(Purge { service: Self::NAME, clock: cx.clock.clone(), keeper: KEPT })
            .spawn();
        Ok(app)
    }
}
