//! What other services ask; behind a service token, on the port that the gateway cannot reach.

pub(crate) mod held;
pub(crate) mod held_of_workspace;
