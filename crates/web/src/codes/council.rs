//! Problems of council.

use super::codes;

codes! {
}
