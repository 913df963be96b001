//! The wiring.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use witan_access::{FeatureFlagSource, Memberships};
use witan_config::Reader;
use witan_events::{Consumers, Erasure};
use witan_host::{Context, Service};
use witan_jobs::Runner;
use witan_pg::MigrationSet;
use witan_web::Routes;

use crate::app::App;
use crate::config::TenancyConfig;
use crate::dns::Dns;
use crate::flag_source::OwnFlags;
use crate::jobs::forget_invitation::ForgetInvitation;
use crate::jobs::held::Held;
use crate::jobs::invitation_mail::InvitationMail;
use crate::jobs::people::People;
use crate::jobs::purge::{PurgeReports, purge};
use crate::jobs::recheck_domains::recheck;
use crate::memberships::OwnMemberships;
use crate::routes;

/// How late the grace of a workspace may be found to be over.
const PURGE_EVERY: Duration = Duration::from_secs(60);
const MIGRATIONS: EmbeddedMigrations = embed_migrations!();
/// How late a domain may be looked at again.
const RECHECK_EVERY: Duration = Duration::from_secs(3600);

/// The tenancy service.
pub struct Tenancy;

#[async_trait]
impl Service for Tenancy {
    const NAME: &'static str = "tenancy";
    const ABOUT: &'static str = "Workspaces, their members, and the start-ups they advise.";
    type Config = TenancyConfig;
    type App = App;

    fn configure(r: &mut Reader<'_>) -> Option<TenancyConfig> {
        TenancyConfig::read(r)
    }

    fn migrations() -> Vec<MigrationSet> {
        vec![MigrationSet { name: "tenancy", migrations: MIGRATIONS }]
    }

    fn routes() -> Routes {
        routes::public()
    }

    fn internal_routes() -> Routes {
        routes::internal()
    }

    async fn start(config: TenancyConfig, cx: &Context) -> anyhow::Result<App> {
        let app = App {
            pg: cx.pg.clone(),
            clock: cx.clock.clone(),
            cursors: cx.cursors.clone(),
            cipher: cx.cipher.clone(),
            memberships: cx.access.memberships.clone(),
            feature_flags: cx.access.feature_flags.clone(),
            peers: cx.peers.clone(),
            dns: Dns::new(&config.domains.servers),
            config: Arc::new(config),
        };
        let clock = cx.clock.clone();
        Runner::new(&cx.pg, &cx.clock, &cx.lifecycle)
            .worker(InvitationMail(app.clone()))
            .worker(ForgetInvitation(app.clone()))
            .periodic("tenancy.recheck-domains", RECHECK_EVERY, {
                let app = app.clone();
                move |_| recheck(app.clone())
            })
            .periodic("tenancy.purge", PURGE_EVERY, move |pg| purge(pg, clock.clone()))
            .spawn();
        Consumers::new(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, Self::NAME)
            .system(People { clock: cx.clock.clone() })
            .system(Erasure {
                service: Self::NAME,
                clock: cx.clock.clone(),
                holder: Held { clock: cx.clock.clone() },
            })
            .tenant(PurgeReports { clock: cx.clock.clone() })
            .spawn();
        Ok(app)
    }

    fn feature_flag_source(app: &App) -> Option<Arc<dyn FeatureFlagSource>> {
        Some(Arc::new(OwnFlags(app.pg.clone())))
    }

    fn memberships(app: &App) -> Option<Arc<dyn Memberships>> {
        Some(Arc::new(OwnMemberships(app.pg.clone())))
    }
}
