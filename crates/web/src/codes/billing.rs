//! Problems of billing.

use super::codes;

codes! {
}
