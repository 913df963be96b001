use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::{DeliveryState, EndpointState};

/// Who comes to whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookMode)]
pub(crate) enum Mode {
    /// Events are posted to the endpoint's URL.
    #[default]
    Push,
    /// Events wait until the partner fetches them.
    Pull,
}

impl Mode {
    pub(crate) fn of(state: EndpointState) -> Self {
        if state == EndpointState::Pulled { Self::Pull } else { Self::Push }
    }
}

/// Which deliveries can be fetched from an endpoint: none while they are sent.
pub(crate) fn fetched(state: EndpointState) -> Option<&'static [DeliveryState]> {
    match state {
        EndpointState::Enabled => None,
        EndpointState::Pulled | EndpointState::Paused | EndpointState::Unverified => {
            Some(&[DeliveryState::Held])
        }
        EndpointState::Disabled => {
            Some(&[DeliveryState::Held, DeliveryState::Cancelled, DeliveryState::Failed])
        }
    }
}
