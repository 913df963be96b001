pub(crate) mod gateway;
pub(crate) mod stack;
