use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};
use url::Url;

use crate::config::EgressConfig;
use crate::error::{BlockedAddress, EgressError};
use crate::message::{Incoming, Outgoing};
use crate::resolver::GuardedResolver;
use crate::stream::Streaming;
use crate::{headers, span, target};

/// At save a name is looked up for at most this long.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// Calls to addresses that somebody else chose. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Guarded {
    pub(crate) config: Arc<EgressConfig>,
    pub(crate) client: reqwest::Client,
    pub(crate) resolver: GuardedResolver,
}

impl Guarded {
    /// What can be said of a URL without the network: scheme, credentials, host, port, literal addresses. For saving.
    ///
    /// # Errors
    /// [`EgressError::Url`] or [`EgressError::Blocked`].
    pub fn check_url(&self, url: &Url) -> Result<(), EgressError> {
        target::check(&self.config, url)
    }

    /// [`Self::check_url`], and the addresses its name has now. A name that does not resolve passes: it may be set up
    /// later, and the connection is what counts.
    ///
    /// # Errors
    /// [`EgressError::Url`] or [`EgressError::Blocked`].
    pub async fn check_address(&self, url: &Url) -> Result<(), EgressError> {
        self.check_url(url)?;
        let Some(url::Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        let looked_up =
            tokio::time::timeout(LOOKUP_TIMEOUT, self.resolver.clone().addresses(name.to_owned())).await;
        match looked_up {
            Ok(Err(error)) if error.is::<BlockedAddress>() => Err(EgressError::Blocked),
            _ => Ok(()),
        }
    }

    /// Sends a request and reads at most `max_response_bytes` of the answer, all within `timeout`.
    ///
    /// # Errors
    /// No answer was had; any HTTP status, redirects included, is an answer.
    pub async fn send(&self, request: Outgoing) -> Result<Incoming, EgressError> {
        let span = span::client(&request.method, request.url.host_str().unwrap_or_default(), request.peer);
        let timeout = request.timeout;
        let exchange = self.exchange(request, &span).instrument(span.clone());
        let outcome =
            tokio::time::timeout(timeout, exchange).await.unwrap_or(Err(EgressError::Timeout(timeout)));
        if let Err(error) = &outcome {
            span::record_failure(&span, error.kind());
        }
        outcome
    }

    /// Sends a request and hands the answer on as it comes. `timeout` bounds the whole, `idle` each silence.
    ///
    /// # Errors
    /// No headers were had in time; later faults are the stream's.
    pub async fn stream(&self, request: Outgoing) -> Result<Streaming, EgressError> {
        let span = span::client(&request.method, request.url.host_str().unwrap_or_default(), request.peer);
        let deadline = Instant::now() + request.timeout;
        let (timeout, idle, limit) = (request.timeout, request.idle, request.max_response_bytes);
        let patience = idle.map_or(timeout, |idle| idle.min(timeout));
        let start = self.start(request, &span).instrument(span.clone());
        let opened =
            tokio::time::timeout(patience, start).await.unwrap_or(Err(EgressError::Timeout(patience)));
        match opened {
            Ok(response) => Ok(Streaming::new(response, span, deadline, timeout, idle, limit)),
            Err(error) => {
                span::record_failure(&span, error.kind());
                Err(error)
            }
        }
    }

    async fn start(&self, mut request: Outgoing, span: &Span) -> Result<reqwest::Response, EgressError> {
        // Literals never reach the resolver: this is their only check, so it is made on every call.
        target::check(&self.config, &request.url)?;
        headers::strip_framing(&mut request.headers);
        span::inject(span, &mut request.headers);
        let outgoing =
            self.client.request(request.method, request.url).headers(request.headers).body(request.body);
        let response = outgoing.send().await.map_err(EgressError::from_client)?;
        span::record_status(span, response.status());
        Ok(response)
    }

    async fn exchange(&self, request: Outgoing, span: &Span) -> Result<Incoming, EgressError> {
        let began = Instant::now();
        let limit = request.max_response_bytes;
        let response = self.start(request, span).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        let mut truncated = false;
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(EgressError::from_client)?;
            let room = limit - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                // Dropping the rest closes the connection: whoever sends more than asked pays with a new handshake.
                truncated = true;
                break;
            }
        }
        Ok(Incoming { status, headers, body: body.into(), truncated, elapsed: began.elapsed() })
    }
}

impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded").field("config", &self.config).finish_non_exhaustive()
    }
}
