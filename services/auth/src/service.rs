//! The wiring.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use witan_access::{ApiKeySource, KeySource, OutsideTokenSource};
use witan_config::Reader;
use witan_events::{Consumers, Purge};
use witan_host::{Context, Service};
use witan_jobs::Runner;
use witan_pg::{MigrationSet, PgError, resealing};
use witan_web::Routes;

use crate::api_keys::StoredApiKeys;
use crate::app::App;
use crate::breaches::Breaches;
use crate::config::{AuthConfig, OidcConfig};
use crate::domain::device::Devices;
use crate::handlers::federation::CALLBACK_PATH;
use crate::hashing::Hasher;
use crate::images::Images;
use crate::jobs::default_workspace::DefaultWorkspace;
use crate::jobs::endpoint_disabled::{EndpointDisabledWorker, EndpointsDisabled};
use crate::jobs::erase::{ErasureReports, erase};
use crate::jobs::lockout::LockoutWorker;
use crate::jobs::magic_link::MagicLinkWorker;
use crate::jobs::mail::MailWorker;
use crate::jobs::purge::purge;
use crate::jobs::refreshes::tell_refreshes;
use crate::jobs::registration::RegistrationWorker;
use crate::jobs::resend::ResendWorker;
use crate::jobs::reset::ResetWorker;
use crate::jobs::rotate::rotate;
use crate::jobs::workspaces::{Kept, Workspaces};
use crate::keys::{KeyError, Keys};
use crate::mail::Transport;
use crate::oidc::{Provider, SignIn, TrustedIssuers};
use crate::outside::OutsideTokensOf;
use crate::routes;
use crate::sealed::SEALED;
use crate::secrets::Secrets;
use crate::templates::Templates;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();
/// Far more often than a key changes, so that a missed pass does not matter.
const ROTATE_EVERY: Duration = Duration::from_secs(600);
/// How much later than the others auditors hear of refreshes.
const TELL_REFRESHES_EVERY: Duration = Duration::from_secs(60);
/// How late an erasure may begin.
const ERASE_EVERY: Duration = Duration::from_secs(60);
const PURGE_EVERY: Duration = Duration::from_secs(3600);

/// The auth service.
pub struct Auth;

#[async_trait]
impl Service for Auth {
    const NAME: &'static str = "auth";
    const ABOUT: &'static str = "Accounts, log-ins, sessions and signing keys.";
    type Config = AuthConfig;
    type App = App;

    fn configure(r: &mut Reader<'_>) -> Option<AuthConfig> {
        AuthConfig::read(r)
    }

    fn migrations() -> Vec<MigrationSet> {
        vec![MigrationSet { name: "auth", migrations: MIGRATIONS }]
    }

    fn routes() -> Routes {
        routes::public()
    }

    fn internal_routes() -> Routes {
        routes::internal()
    }

    async fn start(config: AuthConfig, cx: &Context) -> anyhow::Result<App> {
        let transport = Transport::open(&config.mail.route)?;
        let secrets = Secrets::open(&cx.pg, &cx.cipher, &cx.clock).await?;
        let app = App {
            pg: cx.pg.clone(),
            clock: cx.clock.clone(),
            cipher: cx.cipher.clone(),
            hasher: Hasher::new(config.hash_slots, &secrets.derive("password salts"))?,
            images: Images::default(),
            keys: Keys::open(cx.pg.clone(), cx.cipher.clone(), cx.clock.clone(), &cx.lifecycle).await?,
            templates: Arc::new(Templates::new(&cx.public_url)?),
            cursors: cx.cursors.clone(),
            memberships: cx.access.memberships.clone(),
            api_keys: cx.access.api_keys.clone(),
            revocations: cx.access.revocations().clone(),
            csrf: cx.access.csrf().clone(),
            verifier: cx.access.verifier.clone(),
            internal_key: cx.access.internal_key.clone(),
            peers: cx.peers.clone(),
            kv: cx.kv.clone(),
            devices: Devices::new(&secrets.derive("devices")),
            breaches: Breaches::new(config.breaches.clone(), &cx.egress, &cx.kv),
            sign_in: config.oidc.as_ref().map(|oidc| Arc::new(sign_in(oidc, cx))),
            trusted_issuers: Arc::new(TrustedIssuers::new(
                &config.trusted_issuers,
                &cx.egress.guarded(),
                &cx.clock,
            )),
            issuer: cx.issuer.as_str().into(),
            config: Arc::new(config),
        };
        cx.lifecycle.spawn("hashing.memory", app.hasher.clone().give_back(cx.lifecycle.stopping()));
        spawn_jobs(&app, transport, cx);
        spawn_consumers(&app, cx);
        Ok(app)
    }

    fn api_key_source(app: &App) -> Option<Arc<dyn ApiKeySource>> {
        Some(Arc::new(StoredApiKeys { pg: app.pg.clone(), clock: app.clock.clone() }))
    }

    fn outside_token_source(app: &App) -> Option<Arc<dyn OutsideTokenSource>> {
        Some(Arc::new(OutsideTokensOf(app.clone())))
    }

    fn key_source(app: &App) -> Option<Arc<dyn KeySource>> {
        Some(Arc::new(app.keys.clone()))
    }
}

fn sign_in(oidc: &OidcConfig, cx: &Context) -> SignIn {
    SignIn {
        provider: Provider::new(oidc.issuer.clone(), None, cx.egress.guarded(), cx.clock.clone()),
        client_id: oidc.client_id.clone(),
        client_secret: oidc.client_secret.clone(),
        scopes: oidc.scopes.clone(),
        redirect_uri: format!("{}{CALLBACK_PATH}", cx.public_url.trim_end_matches('/')),
    }
}

fn spawn_jobs(app: &App, transport: Transport, cx: &Context) {
    let App { pg, clock, cipher, config, templates, .. } = app.clone();
    let (keys, rules) = (app.keys.clone(), app.config.clone());
    let mails_per_hour = config.mail.per_hour;
    let (purge_clock, refresh_clock) = (clock.clone(), clock.clone());
    let kept = config.kept;
    let erase_clock = clock.clone();
    let registration = RegistrationWorker { pg: pg.clone(), clock: clock.clone(), mails_per_hour };
    let resend = ResendWorker { pg: pg.clone(), clock: clock.clone(), mails_per_hour };
    let reset = ResetWorker { pg: pg.clone(), clock: clock.clone(), mails_per_hour };
    let magic_link = MagicLinkWorker { pg: pg.clone(), clock: clock.clone(), mails_per_hour };
    let lockout = LockoutWorker { pg: pg.clone(), clock: clock.clone(), mails_per_hour };
    let endpoint_disabled = EndpointDisabledWorker {
        pg: pg.clone(),
        clock: clock.clone(),
        cipher: cipher.clone(),
        tenancy: app.peers.tenancy.clone(),
    };
    let mail = MailWorker { pg, clock, cipher, config, templates, transport };
    Runner::new(&cx.pg, &cx.clock, &cx.lifecycle)
        .worker(registration)
        .worker(resend)
        .worker(reset)
        .worker(magic_link)
        .worker(lockout)
        .worker(endpoint_disabled)
        .worker(mail)
        .periodic("auth.keys", resealing::EVERY, resealing::job(&cx.cipher, &cx.clock, &SEALED))
        .periodic("auth.rotate-keys", ROTATE_EVERY, move |_| rotate_keys(keys.clone(), rules.clone()))
        .periodic("auth.tell-refreshes", TELL_REFRESHES_EVERY, move |pg| {
            tell_refreshes(pg, refresh_clock.clone())
        })
        .periodic("auth.erase", ERASE_EVERY, move |pg| erase(pg, erase_clock.clone()))
        .periodic("auth.purge", PURGE_EVERY, move |pg| purge(pg, purge_clock.clone(), kept))
        .spawn();
}

async fn rotate_keys(keys: Keys, config: Arc<AuthConfig>) -> Result<(), PgError> {
    match rotate(&keys, &config, false).await {
        Err(KeyError::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the signing keys are not rotated");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn spawn_consumers(app: &App, cx: &Context) {
    Consumers::new(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, Auth::NAME)
        .system(DefaultWorkspace { clock: app.clock.clone() })
        .system(ErasureReports { clock: app.clock.clone() })
        .tenant(Workspaces { clock: app.clock.clone() })
        .tenant(EndpointsDisabled { clock: app.clock.clone() })
        .tenant(Purge { service: Auth::NAME, clock: app.clock.clone(), keeper: Kept })
        .spawn();
}
