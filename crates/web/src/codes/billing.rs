//! Problems of billing.

use super::codes;

codes! {
    LIMIT_REACHED "billing.limit_reached" Business 402 "The plan allows no more."
        "All that the workspace's plan allows of this in the current period is used. `detail` says how much, and until when.";
}
