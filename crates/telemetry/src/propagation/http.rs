use http::{HeaderMap, HeaderName, HeaderValue};

use super::{TraceContext, current};

/// Sets the headers of an outgoing request to the caller's place in the trace.
pub fn inject_http(headers: &mut HeaderMap) {
    current().inject_http(headers);
}

/// The place in a trace that a request says it comes from.
pub fn extract_http(headers: &HeaderMap) -> TraceContext {
    TraceContext::from_headers(|name| headers.get(name).and_then(|value| value.to_str().ok()))
}

impl TraceContext {
    /// Sets the headers of an outgoing request.
    pub fn inject_http(&self, headers: &mut HeaderMap) {
        for (name, value) in self.headers() {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}
