pub(crate) mod stack;
