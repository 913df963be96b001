//! What other services ask; behind a service token, on the port that the gateway cannot reach.

pub(crate) mod administered;
pub(crate) mod admins;
pub(crate) mod feature_flags;
pub(crate) mod held;
pub(crate) mod membership;
pub(crate) mod project;
pub(crate) mod startup;
