//! Headers that other people may add to our requests.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{EgressError, UrlFault};

/// Connection, framing, routing, identity and tracing: ours alone.
const RESERVED: &[&str] = &[
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "via",
    "forwarded",
    "user-agent",
    "cookie",
    "origin",
    "referer",
    "date",
    "traceparent",
    "tracestate",
    "baggage",
    "alt-used",
    "http2-settings",
    "x-real-ip",
];
const RESERVED_PREFIXES: &[&str] = &[
    "webhook-",
    "x-witan-",
    "proxy-",
    "sec-",
    "x-forwarded-",
    "x-amz-",
    "x-aws-",
    "metadata-",
    "x-google-",
    "x-ms-",
];
const MAX_VALUE: usize = 1024;

/// Turns a name and a value that somebody typed into a header, unless it is reserved or malformed.
///
/// # Errors
/// [`UrlFault::Header`]: reserved, not a token, longer than 1,024 bytes, or with anything but visible ASCII in its value.
pub fn custom_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), EgressError> {
    let fault = EgressError::Url(UrlFault::Header);
    let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err(fault);
    };
    let lower = header.as_str();
    if RESERVED.contains(&lower) || RESERVED_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
        return Err(fault);
    }
    if value.len() > MAX_VALUE || !value.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(fault);
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| EgressError::Url(UrlFault::Header))?;
    // Custom headers usually carry a credential.
    value.set_sensitive(true);
    Ok((header, value))
}

/// Framing belongs to the client; a caller's own value would let one request be read as two.
pub(crate) fn strip_framing(headers: &mut HeaderMap) {
    for name in [
        http::header::HOST,
        http::header::CONTENT_LENGTH,
        http::header::TRANSFER_ENCODING,
        http::header::CONNECTION,
    ] {
        headers.remove(name);
    }
}
