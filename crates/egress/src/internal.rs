use tracing::Instrument as _;

use crate::{Egress, span};

impl Egress {
    /// Sends a request to one of our own services inside a CLIENT span, with `traceparent`. The caller sets the deadline
    /// on the request.
    ///
    /// # Errors
    /// As the client's own.
    pub async fn internal_send(
        &self,
        mut request: reqwest::Request,
        peer: &str,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let span = span::client(request.method(), request.url().host_str().unwrap_or_default(), peer);
        span::inject(&span, request.headers_mut());
        let outcome = self.internal.execute(request).instrument(span.clone()).await;
        match &outcome {
            Ok(response) => span::record_status(&span, response.status()),
            Err(error) => span::record_failure(&span, if error.is_timeout() { "timeout" } else { "connect" }),
        }
        outcome
    }
}
