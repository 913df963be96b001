use url::Url;
use witan_config::Reader;

/// Where the services' internal APIs are.
#[derive(Debug, Clone)]
pub struct PeersConfig {
    /// `AUTH_INTERNAL_URL`.
    pub auth: Url,
    /// `TENANCY_INTERNAL_URL`.
    pub tenancy: Url,
    /// `CHAT_INTERNAL_URL`.
    pub chat: Url,
    /// `BILLING_INTERNAL_URL`.
    pub billing: Url,
    /// `COUNCIL_INTERNAL_URL`.
    pub council: Url,
    /// `WEBHOOKS_INTERNAL_URL`.
    pub webhooks: Url,
}

impl PeersConfig {
    /// Reads the addresses; in development they are those of `./scripts/up`.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let auth = r.url_or_dev("AUTH_INTERNAL_URL", "http://127.0.0.1:7201");
        let tenancy = r.url_or_dev("TENANCY_INTERNAL_URL", "http://127.0.0.1:7202");
        let chat = r.url_or_dev("CHAT_INTERNAL_URL", "http://127.0.0.1:7203");
        let council = r.url_or_dev("COUNCIL_INTERNAL_URL", "http://127.0.0.1:7204");
        let webhooks = r.url_or_dev("WEBHOOKS_INTERNAL_URL", "http://127.0.0.1:7205");
        let billing = r.url_or_dev("BILLING_INTERNAL_URL", "http://127.0.0.1:7206");
        Some(Self {
            auth: auth?,
            tenancy: tenancy?,
            chat: chat?,
            billing: billing?,
            council: council?,
            webhooks: webhooks?,
        })
    }
}
