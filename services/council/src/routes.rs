//! The one table of routes, each with the permission it needs.

use witan_access::{Feature, permission};
use witan_web::{Access, RateClass, Routes, route};

use crate::handlers::{agents, chat, internal, models, openai, runs, sessions, tasks};

/// Of a conversation, in bytes.
const MAX_CONVERSATION: usize = 1024 * 1024;
/// Of a chat, in bytes: front ends send along all that they were told of former answers.
const MAX_CHAT: usize = 4 * 1024 * 1024;

pub(crate) fn public() -> Routes {
    Routes::new("council")
        .add(route!(agents::list, Access::Workspace(permission::AGENTS_READ)))
        .add(
            route!(agents::run, Access::Workspace(permission::AGENTS_RUN))
                .limit(RateClass::Api)
                .feature(Feature::COUNCIL_RUN)
                .idempotent(),
        )
        .add(
            route!(chat::send, Access::Workspace(permission::AGENTS_RUN))
                .limit(RateClass::Api)
                .feature(Feature::COUNCIL_RUN)
                .body_limit(MAX_CHAT),
        )
        .add(route!(chat::resume, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(agents::custom::create, Access::Workspace(permission::AGENTS_WRITE)).idempotent())
        .add(route!(agents::custom::show, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(agents::custom::update, Access::Workspace(permission::AGENTS_WRITE)))
        .add(route!(agents::custom::delete, Access::Workspace(permission::AGENTS_WRITE)))
        .add(route!(agents::custom::versions, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(models::list, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(models::keys::list, Access::Workspace(permission::PROVIDER_KEYS_MANAGE)))
        .add(route!(models::keys::put, Access::Workspace(permission::PROVIDER_KEYS_MANAGE)))
        .add(route!(models::keys::delete, Access::Workspace(permission::PROVIDER_KEYS_MANAGE)))
        .add(
            route!(tasks::queue, Access::Workspace(permission::AGENTS_RUN))
                .limit(RateClass::Api)
                .feature(Feature::COUNCIL_RUN)
                .idempotent(),
        )
        .add(route!(tasks::show, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(tasks::cancel, Access::Workspace(permission::AGENTS_RUN)))
        .add(route!(tasks::events, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(tasks::stream, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(runs::list, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(runs::show, Access::Workspace(permission::AGENTS_READ)))
        .add(route!(sessions::create, Access::Workspace(permission::SESSIONS_WRITE)).idempotent())
        .add(route!(sessions::list, Access::Workspace(permission::SESSIONS_READ)))
        .add(route!(sessions::show, Access::Workspace(permission::SESSIONS_READ)))
        .add(route!(sessions::activity, Access::Workspace(permission::SESSIONS_WRITE)))
        .add(route!(sessions::end, Access::Workspace(permission::SESSIONS_WRITE)))
        .add(route!(sessions::delete, Access::Workspace(permission::SESSIONS_WRITE)))
        .add(route!(sessions::history, Access::Workspace(permission::SESSIONS_READ)))
        .add(route!(sessions::messages::create, Access::Workspace(permission::SESSIONS_WRITE)).idempotent())
        .add(route!(sessions::messages::list, Access::Workspace(permission::SESSIONS_READ)))
        .add(route!(sessions::tools::create, Access::Workspace(permission::SESSIONS_WRITE)).idempotent())
        .add(route!(sessions::tools::list, Access::Workspace(permission::SESSIONS_READ)))
        .add(
            route!(openai::complete, Access::Workspace(permission::AGENTS_RUN))
                .limit(RateClass::Api)
                .feature(Feature::COUNCIL_RUN)
                .body_limit(MAX_CONVERSATION),
        )
        .add(route!(openai::models, Access::Workspace(permission::AGENTS_READ)))
}

pub(crate) fn internal() -> Routes {
    Routes::new("council")
        .add(route!(internal::run, Access::Internal))
        .add(route!(internal::held, Access::Internal))
        .add(route!(internal::held_of_workspace, Access::Internal))
}
