use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use url::Url;
use witan_egress::{EgressError, Guarded, Incoming, Outgoing};

use super::claim::Due;
use crate::custom_headers;
use crate::keys::SigningKey;
use crate::seals::{SealError, Seals};

/// Kept of an answer, for the log.
pub(super) const MAX_ANSWER: usize = 4096;

/// A request that is ready to go.
pub(crate) struct Signed {
    url: Url,
    headers: HeaderMap,
    body: Bytes,
}

/// Opens what is sealed and signs the body, with the time of this attempt.
pub(crate) fn sign(seals: &Seals, due: Due, now: DateTime<Utc>) -> Result<Signed, SealError> {
    let url = seals.open_url(&due.endpoint)?.ok_or(SealError::Content)?;
    let mut headers = custom_headers::as_map(&seals.open_headers(&due.endpoint)?);
    let signature = due.endpoint.signature();
    let keys = due
        .secrets
        .iter()
        .map(|row| seals.open_key(signature, row))
        .collect::<Result<Vec<SigningKey>, _>>()?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    witan_egress::sign(
        &mut headers,
        &keys,
        &due.delivery.message_id.to_string(),
        now.timestamp(),
        &due.message.body,
    );
    Ok(Signed { url, headers, body: due.message.body })
}

/// One attempt: no redirects, one deadline, a bounded answer.
pub(crate) async fn send(
    guarded: &Guarded,
    timeout: Duration,
    signed: Signed,
) -> Result<Incoming, EgressError> {
    let mut request = Outgoing::post_json(signed.url, signed.body)
        .timeout(timeout)
        .max_response_bytes(MAX_ANSWER)
        .peer("partner");
    request.headers = signed.headers;
    guarded.send(request).await
}
