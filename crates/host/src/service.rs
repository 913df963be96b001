use std::sync::Arc;

use async_trait::async_trait;
use witan_access::{ApiKeySource, FeatureFlagSource, KeySource, Memberships, OutsideTokenSource};
use witan_config::Reader;
use witan_pg::MigrationSet;
use witan_web::Routes;

use crate::Context;

/// What one service is made of; everything that services share is the host's.
#[async_trait]
pub trait Service: 'static {
    /// The name in paths of variables, in tokens' audiences, in queues, in traces: `auth`.
    const NAME: &'static str;
    /// What the OpenAPI document says about it, in a sentence.
    const ABOUT: &'static str = "";
    /// Its own settings.
    type Config: Send + Sync + 'static;
    /// What its handlers reach, as `State<App>`.
    type App: Clone + Send + Sync + 'static;

    /// Reads its own settings; the common ones are read before.
    fn configure(r: &mut Reader<'_>) -> Option<Self::Config>;

    /// The migrations of its own tables. Those of the outbox, the inbox, jobs and idempotency are added.
    fn migrations() -> Vec<MigrationSet>;

    /// The table of routes that the gateway reaches.
    fn routes() -> Routes;

    /// The table of routes that only other services reach, on the second port.
    fn internal_routes() -> Routes {
        Routes::new(Self::NAME)
    }

    /// Builds what handlers reach and spawns consumers and jobs.
    async fn start(config: Self::Config, cx: &Context) -> anyhow::Result<Self::App>;

    /// The signing keys, for the service that has them itself.
    fn key_source(_app: &Self::App) -> Option<Arc<dyn KeySource>> {
        None
    }

    /// The API keys, for the service that has them itself.
    fn api_key_source(_app: &Self::App) -> Option<Arc<dyn ApiKeySource>> {
        None
    }

    /// The tokens of other issuers, for the service that maps them to users itself.
    fn outside_token_source(_app: &Self::App) -> Option<Arc<dyn OutsideTokenSource>> {
        None
    }

    /// The feature flags, for the service that has them itself.
    fn feature_flag_source(_app: &Self::App) -> Option<Arc<dyn FeatureFlagSource>> {
        None
    }

    /// The memberships, for the service that has them itself.
    fn memberships(_app: &Self::App) -> Option<Arc<dyn Memberships>> {
        None
    }
}
