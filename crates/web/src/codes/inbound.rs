//! Problems of requests that others sign.

use super::codes;

codes! {
    SIGNATURE_INVALID "inbound.signature_invalid" Authentication 401 "The signature does not hold."
        "Sign the bytes of the body as they are sent, with a secret that is in force, and send all headers of the signature.";
    TIMESTAMP_STALE "inbound.timestamp_stale" Authentication 401 "The request was signed too long ago, or in the future."
        "Sign each attempt anew; the time of the signature may be five minutes away from ours.";
    EVENT_CONFLICT "inbound.event_conflict" Conflict 409 "The event came before with another body."
        "An event's id stands for one body. Give what is new an id of its own.";
}
