use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

/// Over connect, TLS, headers and body together.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);
/// Of an answer that is read whole.
pub const DEFAULT_MAX_RESPONSE: usize = 1024 * 1024;

/// A request on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Where to; checked before and while connecting.
    pub url: Url,
    /// As sent; `traceparent` is added.
    pub headers: HeaderMap,
    /// As sent.
    pub body: Bytes,
    /// One deadline over connect, TLS, headers and body. For [`crate::Guarded::stream`] over the whole stream.
    pub timeout: Duration,
    /// Streams only: the longest silence, before the headers and between two chunks.
    pub idle: Option<Duration>,
    /// Bytes kept of the answer. `send` stops reading there; `stream` fails.
    pub max_response_bytes: usize,
    /// Who is called, for the span and the metrics: `partner`, `persona`, a provider's name. Never an address.
    pub peer: &'static str,
}

impl Outgoing {
    /// A request without body, with the default limits.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: DEFAULT_TIMEOUT,
            idle: None,
            max_response_bytes: DEFAULT_MAX_RESPONSE,
            peer: "partner",
        }
    }

    /// A POST of JSON bytes.
    pub fn post_json(url: Url, body: impl Into<Bytes>) -> Self {
        let mut request = Self::new(Method::POST, url);
        request.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.body = body.into();
        request
    }

    /// Adds a header, replacing one of the same name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the deadline.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the longest silence of a stream.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = Some(idle);
        self
    }

    /// Sets how much of the answer is kept.
    #[must_use]
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// Says who is called.
    #[must_use]
    pub fn peer(mut self, peer: &'static str) -> Self {
        self.peer = peer;
        self
    }
}

/// An answer read whole.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The status; a redirect arrives as one.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// At most `max_response_bytes`, as sent: nothing is decompressed.
    pub body: Bytes,
    /// Whether there was more.
    pub truncated: bool,
    /// From the first step to the last byte read.
    pub elapsed: Duration,
}
