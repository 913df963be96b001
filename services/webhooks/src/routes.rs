use witan_access::permission::{WEBHOOKS_MANAGE, WEBHOOKS_READ};
use witan_web::{Access, Routes, route};

use crate::handlers::{attempts, deliveries, endpoints, event_types, internal, replays};

/// Every operation and the permission it needs.
pub(crate) fn public() -> Routes {
    let (read, manage) = (Access::Workspace(WEBHOOKS_READ), Access::Workspace(WEBHOOKS_MANAGE));
    Routes::new("webhooks")
        .add(route!(endpoints::create, manage).idempotent())
        .add(route!(endpoints::list, read))
        .add(route!(endpoints::get, read))
        .add(route!(endpoints::update, manage))
        .add(route!(endpoints::delete, manage))
        .add(route!(endpoints::regenerate_secret, manage))
        .add(route!(endpoints::test, manage).idempotent())
        .add(route!(endpoints::verify, manage))
        .add(route!(endpoints::deliveries, read))
        .add(route!(endpoints::events, read))
        .add(route!(endpoints::acknowledge, manage))
        .add(route!(endpoints::replay, manage).idempotent())
        .add(route!(endpoints::recover, manage).idempotent())
        .add(route!(replays::list, read))
        .add(route!(replays::get, read))
        .add(route!(replays::cancel, manage))
        .add(route!(deliveries::list, read))
        .add(route!(deliveries::get, read))
        .add(route!(deliveries::resend, manage).idempotent())
        .add(route!(attempts::list, read))
        .add(route!(event_types::list, read))
        .add(route!(event_types::get, read))
}

/// On the second port, for services that show their token.
pub(crate) fn internal() -> Routes {
    Routes::new("webhooks")
        .add(route!(internal::held, Access::Internal))
        .add(route!(internal::held_of_workspace, Access::Internal))
}
