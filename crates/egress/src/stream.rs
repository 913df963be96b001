use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tracing::Span;

use crate::error::EgressError;
use crate::span;

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, reqwest::Error>> + Send>>;

/// An answer as it comes. Dropping it closes the connection, which is how a call is cancelled.
pub struct Streaming {
    /// The status; a redirect arrives as one.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    chunks: Chunks,
    span: Span,
    deadline: Instant,
    timeout: Duration,
    idle: Option<Duration>,
    left: usize,
    limit: usize,
}

impl Streaming {
    pub(crate) fn new(
        response: reqwest::Response,
        span: Span,
        deadline: Instant,
        timeout: Duration,
        idle: Option<Duration>,
        limit: usize,
    ) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            chunks: Box::pin(response.bytes_stream()),
            span,
            deadline,
            timeout,
            idle,
            left: limit,
            limit,
        }
    }

    /// The next piece; `None` at the clean end.
    ///
    /// # Errors
    /// Timeout, silence, a broken connection, or more bytes than allowed. Nothing follows an error.
    pub async fn next(&mut self) -> Option<Result<Bytes, EgressError>> {
        let idle_at = self.idle.map(|idle| Instant::now() + idle);
        let until = idle_at.map_or(self.deadline, |at| at.min(self.deadline));
        let chunk = match tokio::time::timeout_at(until, self.chunks.next()).await {
            Ok(chunk) => chunk?.map_err(EgressError::from_client),
            Err(_) if until == self.deadline => Err(EgressError::Timeout(self.timeout)),
            Err(_) => Err(EgressError::Idle(self.idle.unwrap_or_default())),
        };
        Some(
            chunk
                .and_then(|chunk| self.count(chunk))
                .inspect_err(|error| span::record_failure(&self.span, error.kind())),
        )
    }

    /// The rest as a `Stream`, for parsers that want one.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, EgressError>> + Send {
        futures_util::stream::unfold((self, false), |(mut answer, failed)| async move {
            if failed {
                return None;
            }
            let item = answer.next().await?;
            let failed = item.is_err();
            Some((item, (answer, failed)))
        })
    }

    /// Reads what is left, up to `limit` bytes, for an error's text.
    pub async fn read_some(mut self, limit: usize) -> Bytes {
        let mut body = Vec::new();
        while body.len() < limit {
            let Some(Ok(chunk)) = self.next().await else { break };
            let room = limit - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        body.into()
    }

    fn count(&mut self, chunk: Bytes) -> Result<Bytes, EgressError> {
        self.left = self.left.checked_sub(chunk.len()).ok_or(EgressError::TooLarge(self.limit))?;
        Ok(chunk)
    }
}

impl std::fmt::Debug for Streaming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streaming").field("status", &self.status).finish_non_exhaustive()
    }
}
