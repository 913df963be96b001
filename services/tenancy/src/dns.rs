//! Asking the DNS for TXT records.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

const TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// For all of a question, whatever the resolver does.
const DEADLINE: Duration = Duration::from_secs(8);

/// Asks the servers that are set, or those of the system. Clones share them.
#[derive(Clone)]
pub(crate) struct Dns(Option<Arc<TokioResolver>>);

/// The DNS gave no answer, which is not the answer that there is nothing.
#[derive(Debug, thiserror::Error)]
#[error("the DNS does not answer: {0}")]
pub(crate) struct DnsError(String);

impl Dns {
    /// Nothing is asked yet.
    pub(crate) fn new(servers: &[SocketAddr]) -> Self {
        let opened = open(servers).inspect_err(
            |error| tracing::warn!(%error, "no DNS server is known, so no domain can be proved"),
        );
        Self(opened.ok().map(Arc::new))
    }

    /// Whether a TXT record of this name says exactly this.
    ///
    /// # Errors
    /// When there is no answer. That the name or the record does not exist is one.
    pub(crate) async fn says(&self, name: &str, value: &str) -> Result<bool, DnsError> {
        let resolver = self.0.as_ref().ok_or_else(|| DnsError("no server is known".to_owned()))?;
        // The dot keeps search lists of the system out of it.
        let asked = tokio::time::timeout(DEADLINE, resolver.txt_lookup(format!("{name}.")));
        match asked.await.map_err(|late| DnsError(late.to_string()))? {
            Ok(found) => Ok(found.answers().iter().any(|record| match &record.data {
                RData::TXT(text) => text.txt_data.concat() == value.as_bytes(),
                _ => false,
            })),
            Err(error) if error.is_no_records_found() && is_final(&error) => Ok(false),
            Err(error) => Err(DnsError(error.to_string())),
        }
    }
}

/// Whether an answer without records means that there are none, and not that a server failed.
fn is_final(error: &NetError) -> bool {
    use hickory_resolver::net::DnsError as Answer;
    use hickory_resolver::proto::op::ResponseCode;
    match error {
        NetError::Dns(Answer::NoRecordsFound(none)) => {
            matches!(none.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
        }
        _ => false,
    }
}

fn open(servers: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    let mut builder = match servers {
        [] => TokioResolver::builder_tokio()?,
        servers => {
            let servers = servers.iter().map(server).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    options.timeout = TIMEOUT;
    options.attempts = ATTEMPTS;
    // Who has just made the record must not wait until we forget that there was none.
    options.cache_size = 0;
    builder.build()
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}
