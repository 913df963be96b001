//! What tenancy does when others tell it something.

pub(crate) mod first_workspace;
