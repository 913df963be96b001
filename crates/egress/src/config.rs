use ipnet::IpNet;
use witan_config::Reader;

use crate::addresses::AddressRule;

/// Where outgoing calls may go.
#[derive(Debug, Clone)]
pub struct EgressConfig {
    pub(crate) addresses: AddressRule,
    pub(crate) allow_http: bool,
    /// `None`: any port that is not on the list of other protocols.
    pub(crate) ports: Option<Vec<u16>>,
}

impl EgressConfig {
    /// Reads `EGRESS_ALLOW_PRIVATE`, `EGRESS_ALLOW_CIDRS`, `EGRESS_ALLOW_HTTP` and `EGRESS_PORTS`.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let production = r.environment().is_production();
        let allow_private = r.or("EGRESS_ALLOW_PRIVATE", false);
        let allow = r.list("EGRESS_ALLOW_CIDRS");
        let allow_http = r.or("EGRESS_ALLOW_HTTP", !production);
        let ports = r.list("EGRESS_PORTS");
        if production && allow_private == Some(true) {
            return r.mistake(
                "EGRESS_ALLOW_PRIVATE",
                "is not for production: name the networks in EGRESS_ALLOW_CIDRS",
            );
        }
        if production && allow_http == Some(true) {
            return r.mistake("EGRESS_ALLOW_HTTP", "is not for production: calls to others are HTTPS only");
        }
        let ports: Vec<u16> = ports?;
        let ports = if ports.is_empty() && production { vec![443] } else { ports };
        Some(Self {
            addresses: AddressRule { allow_private: allow_private?, allow: allow? },
            allow_http: allow_http?,
            ports: (!ports.is_empty()).then_some(ports),
        })
    }

    /// Production's rules: HTTPS on 443 to public addresses.
    pub fn strict() -> Self {
        Self { addresses: AddressRule::default(), allow_http: false, ports: Some(vec![443]) }
    }

    /// A developer's rules: private addresses, plain HTTP and any port but those of other protocols.
    pub fn development() -> Self {
        Self {
            addresses: AddressRule { allow_private: true, allow: Vec::new() },
            allow_http: true,
            ports: None,
        }
    }

    /// Adds networks that may be reached although they are not public.
    #[must_use]
    pub fn with_networks(mut self, networks: &[IpNet]) -> Self {
        self.addresses.allow.extend_from_slice(networks);
        self
    }

    /// Allows plain HTTP, and these ports. For tests of the guard itself.
    #[must_use]
    pub fn with_http_on(mut self, ports: &[u16]) -> Self {
        self.allow_http = true;
        self.ports = Some(ports.to_vec());
        self
    }
}
