//! Headers that a partner wants on every delivery.

use std::collections::BTreeMap;

use http::HeaderMap;
use witan_egress::custom_header;

/// More than a partner's gateway asks for.
const MAX_HEADERS: usize = 20;

/// Names and values as given; kept encrypted, because a value is usually a credential.
pub(crate) type CustomHeaders = BTreeMap<String, String>;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    TooMany,
    Refused(String),
}

/// Everything that is wrong with a set of headers.
pub(crate) fn faults(headers: &CustomHeaders) -> Vec<HeaderFault> {
    let mut faults = Vec::new();
    if headers.len() > MAX_HEADERS {
        faults.push(HeaderFault::TooMany);
    }
    let refused = headers.iter().filter(|(name, value)| custom_header(name, value).is_err());
    faults.extend(refused.map(|(name, _)| HeaderFault::Refused(name.clone())));
    faults
}

/// As sent. One that a later version would no longer accept is left out.
pub(crate) fn as_map(headers: &CustomHeaders) -> HeaderMap {
    headers.iter().filter_map(|(name, value)| custom_header(name, value).ok()).collect()
}
