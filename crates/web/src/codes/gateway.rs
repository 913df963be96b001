//! Problems that the gateway answers with, before or instead of a service. Its table (`deploy/gateway/routes.toml`) also
//! uses codes of `general`.

use super::codes;

codes! {
    URI_TOO_LONG "request.uri_too_long" Validation 414 "The address is too long."
        "The request's address, with its query, is longer than 16 KiB.";
    ADDRESS_LIMITED "rate_limit.address" RateLimit 429 "Too many requests from this address."
        "Wait as long as `Retry-After` says.";
    SERVICE_UNREACHABLE "dependency.service_unreachable" Dependency 502 "The service cannot be reached."
        "Nothing is known about whether the request took effect. Send it again with the same `Idempotency-Key`.";
    OVERLOADED "system.overloaded" System 503 "The service is busy."
        "Try again later, as `Retry-After` says.";
    SERVICE_TIMEOUT "dependency.service_timeout" Dependency 504 "The service took too long."
        "Nothing is known about whether the request took effect. Send it again with the same `Idempotency-Key`.";
}
