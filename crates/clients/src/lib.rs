#![doc = include_str!("../README.md")]

mod auth;
mod billing;
mod channel;
mod config;
mod council;
mod error;
mod holders;
mod tenancy;

pub use auth::{AuthClient, InvitationOrder, RevokedSession};
pub use billing::{BillingClient, Entitlements, LimitReached, LimitState, Reserve, ReserveAnswer, Reserved};
pub use config::PeersConfig;
pub use council::{CouncilAnswer, CouncilClient, CouncilQuestion};
pub use error::ClientError;
pub use holders::{Held, HolderClient};
pub use tenancy::{Administered, ProjectSummary, StartupProfile, TenancyClient};

use witan_access::InternalKey;
use witan_clock::Clock;
use witan_egress::Egress;

use crate::channel::Channel;

/// The internal APIs of all services, as one of them sees them. Each has an address, a key and connections of its own: share it.
#[derive(Debug)]
pub struct Peers {
    /// Keys and revoked sessions.
    pub auth: AuthClient,
    /// Memberships, start-ups and projects.
    pub tenancy: TenancyClient,
    /// Entitlements and reservations.
    pub billing: BillingClient,
    /// Council runs.
    pub council: CouncilClient,
    /// Every service that holds something of people, beside auth.
    pub holders: Vec<HolderClient>,
    /// Every service that holds something of workspaces, beside tenancy.
    pub keepers: Vec<HolderClient>,
}

impl Peers {
    /// The peers of the service `caller`.
    pub fn new(
        config: &PeersConfig,
        caller: &'static str,
        egress: &Egress,
        key: InternalKey,
        clock: Clock,
    ) -> Self {
        let channel = |audience: &'static str, base: &url::Url| Channel {
            caller,
            audience,
            base: base.clone(),
            egress: egress.clone(),
            key: key.clone(),
            clock: clock.clone(),
        };
        Self {
            auth: AuthClient(channel("auth", &config.auth)),
            tenancy: TenancyClient(channel("tenancy", &config.tenancy)),
            billing: BillingClient::new(channel("billing", &config.billing)),
            council: CouncilClient(channel("council", &config.council)),
            holders: vec![
                HolderClient(channel("tenancy", &config.tenancy)),
                HolderClient(channel("chat", &config.chat)),
                HolderClient(channel("council", &config.council)),
                HolderClient(channel("webhooks", &config.webhooks)),
            ],
            keepers: vec![
                HolderClient(channel("auth", &config.auth)),
                HolderClient(channel("chat", &config.chat)),
                HolderClient(channel("council", &config.council)),
                HolderClient(channel("webhooks", &config.webhooks)),
                HolderClient(channel("billing", &config.billing)),
            ],
        }
    }
}
