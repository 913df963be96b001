//! Problems of tenancy.

use super::codes;

codes! {}
