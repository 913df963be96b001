//! What other services ask; behind a service token, on the port that the gateway cannot reach.

pub(crate) mod entitlements;
pub(crate) mod held_of_workspace;
pub(crate) mod release;
pub(crate) mod reserve;
pub(crate) mod subscribe;
