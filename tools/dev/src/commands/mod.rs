pub(crate) mod bootstrap;
pub(crate) mod gateway;
pub(crate) mod stack;
