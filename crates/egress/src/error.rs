use std::error::Error as StdError;
use std::time::Duration;

/// Why an outgoing call gave no answer. The texts may be shown to the person who entered the address: they tell
/// nothing of what stands behind it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// The address is not one we may talk to. One text for every reason, so that it maps no network.
    #[error("blocked address")]
    Blocked,
    /// The URL itself is not acceptable.
    #[error("unacceptable URL: {0}")]
    Url(UrlFault),
    /// Name resolution, TCP or TLS failed: the other side has seen nothing of the request.
    #[error("could not connect")]
    Connect(#[source] Option<reqwest::Error>),
    /// The one deadline over connect, TLS, headers and body passed.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The stream gave nothing for too long.
    #[error("the answer stalled for {} ms", .0.as_millis())]
    Idle(Duration),
    /// The connection broke or the answer was not HTTP.
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
    /// The stream grew past its limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// No client could be built (no root certificates on the machine, for one).
    #[error("no HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// What is wrong with a URL; the person who typed it can act on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlFault {
    /// Neither `https` nor, where allowed, `http`.
    #[error("the scheme must be https")]
    Scheme,
    /// `https://name:password@host`.
    #[error("credentials in the URL are not allowed")]
    Credentials,
    /// Nothing to connect to.
    #[error("there is no host")]
    Host,
    /// A port of another protocol, or one the operator has not allowed.
    #[error("this port is not allowed")]
    Port,
    /// Longer than 2,048 bytes.
    #[error("the URL is too long")]
    Length,
    /// A header that hop-by-hop rules or our signature own, or one that is not a header.
    #[error("this header is not allowed")]
    Header,
}

impl EgressError {
    /// Whether the same call may succeed later. A blocked or wrong URL stays so.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Blocked | Self::Url(_) | Self::TooLarge(_) | Self::Client(_))
    }

    /// Whether the other side cannot have seen the request, so that sending it again is safe for anything.
    pub fn never_sent(&self) -> bool {
        matches!(self, Self::Blocked | Self::Url(_) | Self::Connect(_) | Self::Client(_))
    }

    /// A word for logs, metrics and the span's `error.type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Url(_) => "url",
            Self::Connect(_) => "connect",
            Self::Timeout(_) => "timeout",
            Self::Idle(_) => "idle",
            Self::Broken(_) => "broken",
            Self::TooLarge(_) => "too_large",
            Self::Client(_) => "client",
        }
    }

    /// The client's error may carry the URL, and a webhook's URL is a secret: it is taken out first.
    pub(crate) fn from_client(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if caused_by_guard(&error) {
            return Self::Blocked;
        }
        if error.is_connect() || error.is_builder() {
            return Self::Connect(Some(error));
        }
        Self::Broken(error)
    }
}

/// What the resolver answers instead of addresses; found again at the bottom of the client's error.
#[derive(Debug, thiserror::Error)]
#[error("blocked address")]
pub(crate) struct BlockedAddress;

fn caused_by_guard(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(current) = cause {
        if current.is::<BlockedAddress>() {
            return true;
        }
        cause = current.source();
    }
    false
}
