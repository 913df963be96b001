//! What tenancy does when others tell it something.

mod first_workspace;
pub(crate) mod held;
pub(crate) mod people;
mod standing;
