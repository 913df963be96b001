//! Every route, and who may call it.

use witan_access::Scope;
use witan_web::{Access, RateClass, Routes, route};

use crate::handlers::{
    account, api_keys, avatar, email, factors, federation, identities, internal, keys, magic_link, mails, me,
    passkeys, password, registration, services, sessions, verification,
};

/// Behind the gateway.
pub(crate) fn public() -> Routes {
    Routes::new("auth")
        .add(route!(registration::register, Access::Public).limit(RateClass::Auth))
        .add(route!(verification::page, Access::Public))
        .add(route!(verification::verify, Access::Public).limit(RateClass::Auth))
        .add(route!(verification::submit, Access::Public).limit(RateClass::Auth))
        .add(route!(verification::resend, Access::Public).limit(RateClass::Auth))
        .add(route!(password::request_reset, Access::Public).limit(RateClass::Auth))
        .add(route!(password::page, Access::Public))
        .add(route!(password::reset, Access::Public).limit(RateClass::Auth))
        .add(route!(password::submit, Access::Public).limit(RateClass::Auth))
        .add(route!(password::change, Access::User).limit(RateClass::Auth))
        .add(route!(password::put, Access::User).limit(RateClass::Auth))
        .add(route!(sessions::step_up, Access::User).limit(RateClass::Auth))
        .add(route!(sessions::login, Access::Public).limit(RateClass::Auth))
        .add(route!(magic_link::request, Access::Public).limit(RateClass::Auth))
        .add(route!(magic_link::page, Access::Public))
        .add(route!(magic_link::redeem, Access::Public).limit(RateClass::Auth))
        .add(route!(magic_link::submit, Access::Public).limit(RateClass::Auth))
        .add(route!(federation::start, Access::Public).limit(RateClass::Auth))
        .add(route!(federation::callback, Access::Public).limit(RateClass::Auth).open_query())
        .add(route!(federation::exchange, Access::Public).limit(RateClass::Auth))
        .add(route!(identities::list, Access::User))
        .add(route!(identities::remove, Access::User).step_up())
        .add(route!(sessions::token, Access::Public).limit(RateClass::Auth))
        .add(route!(sessions::login_totp, Access::Public).limit(RateClass::Auth))
        .add(route!(sessions::login_recovery_code, Access::Public).limit(RateClass::Auth))
        .add(route!(sessions::login_passkey, Access::Public).limit(RateClass::Auth))
        .add(route!(sessions::step_up_options, Access::User).limit(RateClass::Auth))
        .add(route!(passkeys::sign_in_options, Access::Public).limit(RateClass::Auth))
        .add(route!(passkeys::sign_in, Access::Public).limit(RateClass::Auth))
        .add(route!(passkeys::list, Access::User))
        .add(route!(passkeys::register_options, Access::User).step_up())
        .add(route!(passkeys::register, Access::User).step_up())
        .add(route!(passkeys::rename, Access::User))
        .add(route!(passkeys::remove, Access::User).step_up())
        .add(route!(factors::show, Access::User))
        .add(route!(factors::totp_begin, Access::User).step_up())
        .add(route!(factors::totp_confirm, Access::User).step_up())
        .add(route!(factors::totp_remove, Access::User).step_up())
        .add(route!(factors::recovery_codes, Access::User).step_up())
        .add(route!(sessions::refresh, Access::Public))
        .add(route!(sessions::logout, Access::User))
        .add(route!(sessions::list, Access::User))
        .add(route!(sessions::revoke, Access::User))
        .add(route!(me::show, Access::User).api_key(Scope::Read))
        .add(route!(me::show_profile, Access::User).api_key(Scope::Read))
        .add(route!(me::update, Access::User).api_key(Scope::Write))
        .add(
            route!(avatar::upload, Access::User)
                .api_key(Scope::Write)
                .limit(RateClass::Api)
                .body_limit(avatar::upload::MAX_BODY),
        )
        .add(route!(avatar::delete, Access::User).api_key(Scope::Write))
        .add(route!(avatar::show, Access::Public))
        .add(route!(email::change, Access::User).step_up().limit(RateClass::Auth))
        .add(route!(email::page, Access::Public))
        .add(route!(email::confirm, Access::Public).limit(RateClass::Auth))
        .add(route!(email::submit, Access::Public).limit(RateClass::Auth))
        .add(route!(account::deactivate, Access::User).step_up().limit(RateClass::Auth))
        .add(route!(account::delete, Access::User).step_up().limit(RateClass::Auth))
        .add(route!(account::delete_me, Access::User).step_up().limit(RateClass::Auth))
        .add(route!(account::reactivate, Access::Public).limit(RateClass::Auth))
        .add(route!(account::restore, Access::Public).limit(RateClass::Auth))
        .add(route!(account::restore_page, Access::Public))
        .add(route!(account::restore_submit, Access::Public).limit(RateClass::Auth))
        .add(route!(api_keys::create, Access::User).step_up().idempotent())
        .add(route!(api_keys::list, Access::User).administrative())
        .add(route!(api_keys::show, Access::User).administrative())
        .add(route!(api_keys::revoke, Access::User).administrative())
        .add(route!(api_keys::reset, Access::User).step_up())
        .add(route!(keys::verify_token, Access::Public))
        .add(route!(services::token, Access::Public).limit(RateClass::Auth))
        .add(route!(mails::list, Access::Platform))
        .add(route!(keys::rotate, Access::Platform).step_up())
        .add(route!(keys::jwks, Access::Public))
        .add(route!(keys::discovery, Access::Public))
}

/// On the second port, for services that show their token.
pub(crate) fn internal() -> Routes {
    Routes::new("auth")
        .add(route!(internal::api_key, Access::Internal))
        .add(route!(internal::jwks, Access::Internal))
        .add(route!(internal::revocations, Access::Internal))
}
