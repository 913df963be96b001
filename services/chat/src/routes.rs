use witan_access::Feature;
use witan_access::permission::{
    CHAT_READ, CHAT_WRITE, PERSONAS_READ, PERSONAS_WRITE, WEBHOOKS_MANAGE, WEBHOOKS_READ,
};
use witan_web::{Access, RateClass, Routes, route};

use crate::handlers::{conversations, internal, personas, traits};

/// A persona is a page of text at most.
const TRAITS_LIMIT: usize = 64 * 1024;

/// Every operation and the permission it needs.
pub(crate) fn public() -> Routes {
    let (see, shape) = (Access::Workspace(PERSONAS_READ), Access::Workspace(PERSONAS_WRITE));
    let (read, write) = (Access::Workspace(CHAT_READ), Access::Workspace(CHAT_WRITE));
    Routes::new("chat")
        .add(route!(personas::list, see))
        .add(route!(personas::get, see))
        .add(route!(personas::create, shape).idempotent())
        .add(route!(personas::update, shape))
        .add(route!(personas::delete, shape))
        .add(route!(personas::ask, write).idempotent().limit(RateClass::Api).feature(Feature::PERSONA_CHAT))
        .add(route!(conversations::list, read))
        .add(route!(conversations::get, read))
        .add(route!(conversations::update, write))
        .add(route!(conversations::delete, write))
        .add(route!(conversations::messages, read))
        .add(route!(conversations::stream, read))
        .add(route!(conversations::stop, write))
        .add(route!(traits::receive, Access::Public).body_limit(TRAITS_LIMIT))
        .add(route!(traits::regenerate_secret, Access::Workspace(WEBHOOKS_MANAGE)))
        .add(route!(traits::revoke_secret, Access::Workspace(WEBHOOKS_MANAGE)))
        .add(route!(traits::health, Access::Workspace(WEBHOOKS_READ)))
}

/// On the second port, for services that show their token.
pub(crate) fn internal() -> Routes {
    Routes::new("chat")
        .add(route!(internal::held, Access::Internal))
        .add(route!(internal::held_of_workspace, Access::Internal))
}
