//! Ids through their public interface.

mod id;
mod specification;
