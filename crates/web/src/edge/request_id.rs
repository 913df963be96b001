use actix_web::http::header::HeaderMap;

const MAX_LENGTH: usize = 128;

/// The id that the caller gave the request, if it is fit to be logged and sent back.
pub(super) fn given(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("x-request-id")?.to_str().ok()?;
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (!text.is_empty() && text.len() <= MAX_LENGTH && text.bytes().all(fit)).then_some(text)
}
