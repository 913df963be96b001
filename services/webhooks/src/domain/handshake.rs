//! The handshake by which a receiver agrees to be sent to: CloudEvents, HTTP 1.1 Web Hooks for Event Delivery 1.0, section 4.

use http::HeaderMap;

pub(crate) const REQUEST_ORIGIN: &str = "webhook-request-origin";
pub(crate) const REQUEST_RATE: &str = "webhook-request-rate";
const ALLOWED_ORIGIN: &str = "webhook-allowed-origin";
const ALLOWED_RATE: &str = "webhook-allowed-rate";
const ANY: &str = "*";

/// That it agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permission {
    /// Requests in a minute, if it set a bound.
    pub(crate) rate: Option<i32>,
}

/// Why it does not, for whoever set the endpoint up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("it answered the OPTIONS request with {0}")]
    Status(u16),
    #[error("its answer has no WebHook-Allowed-Origin")]
    Silent,
    #[error("its WebHook-Allowed-Origin is neither `{0}` nor `*`")]
    OtherOrigin(String),
    #[error("its WebHook-Allowed-Rate is neither a number of requests in a minute nor `*`")]
    Rate,
}

/// What an answer says to us, who are `origin`.
pub(crate) fn permission(status: u16, headers: &HeaderMap, origin: &str) -> Result<Permission, Refusal> {
    if !(200..300).contains(&status) {
        return Err(Refusal::Status(status));
    }
    let mut origins =
        headers.get_all(ALLOWED_ORIGIN).iter().filter_map(|value| value.to_str().ok()).peekable();
    if origins.peek().is_none() {
        return Err(Refusal::Silent);
    }
    if !origins.any(|allowed| allowed.trim() == ANY || allowed.trim().eq_ignore_ascii_case(origin)) {
        return Err(Refusal::OtherOrigin(origin.to_owned()));
    }
    let rate = match headers.get(ALLOWED_RATE).map(|value| value.to_str().map(str::trim)) {
        None | Some(Ok(ANY)) => None,
        Some(Ok(number)) => Some(number.parse().ok().filter(|rate| *rate > 0).ok_or(Refusal::Rate)?),
        Some(Err(_)) => return Err(Refusal::Rate),
    };
    Ok(Permission { rate })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Result<Option<i32>, Refusal> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        permission(status, &headers.collect(), "witan.example").map(|permission| permission.rate)
    }

    #[test]
    fn agreement_names_our_origin_or_any() {
        assert_eq!(answer(200, &[("webhook-allowed-origin", "*")]), Ok(None));
        assert_eq!(answer(204, &[("webhook-allowed-origin", "Witan.Example")]), Ok(None));
        let both = [("webhook-allowed-origin", "a.example"), ("webhook-allowed-origin", "witan.example")];
        assert_eq!(answer(200, &both), Ok(None));
        assert_eq!(answer(200, &both[..1]), Err(Refusal::OtherOrigin("witan.example".to_owned())));
        assert_eq!(answer(200, &[]), Err(Refusal::Silent));
        assert_eq!(answer(301, &[("webhook-allowed-origin", "*")]), Err(Refusal::Status(301)));
        assert_eq!(answer(403, &[("webhook-allowed-origin", "*")]), Err(Refusal::Status(403)));
    }

    #[test]
    fn a_rate_is_a_number_or_any() {
        let rate = |rate| answer(200, &[("webhook-allowed-origin", "*"), ("webhook-allowed-rate", rate)]);
        assert_eq!((rate("120"), rate("*")), (Ok(Some(120)), Ok(None)));
        for wrong in ["0", "-1", "many", "1.5", ""] {
            assert_eq!(rate(wrong), Err(Refusal::Rate), "{wrong}");
        }
    }
}
