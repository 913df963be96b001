//! Plans, metrics and periods; nothing here touches a database or a clock.

pub(crate) mod metric;
pub(crate) mod period;
pub(crate) mod plan;
