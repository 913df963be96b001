//! Every route, and who may call it.

use witan_web::{Access, RateClass, Routes, route};

use crate::handlers::{internal, keys, me, registration, sessions, verification};

/// Behind the gateway.
pub(crate) fn public() -> Routes {
    Routes::new("auth")
        .add(route!(registration::register, Access::Public).limit(RateClass::Auth))
        .add(route!(verification::page, Access::Public))
        .add(route!(verification::verify, Access::Public).limit(RateClass::Auth))
        .add(route!(verification::submit, Access::Public).limit(RateClass::Auth))
        .add(route!(verification::resend, Access::Public).limit(RateClass::Auth))
        .add(route!(sessions::login, Access::Public).limit(RateClass::Auth))
        .add(route!(sessions::refresh, Access::Public))
        .add(route!(sessions::logout, Access::User))
        .add(route!(sessions::list, Access::User))
        .add(route!(sessions::revoke, Access::User))
        .add(route!(me::show, Access::User))
        .add(route!(keys::jwks, Access::Public))
        .add(route!(keys::discovery, Access::Public))
}

/// On the second port, for services that show their token.
pub(crate) fn internal() -> Routes {
    Routes::new("auth")
        .add(route!(internal::jwks, Access::Internal))
        .add(route!(internal::revocations, Access::Internal))
}
