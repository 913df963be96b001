//! Pictures of people: in which sizes there are, and where.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use witan_clock::Clock;
use witan_ids::UserId;

/// Lengths of the sides, in pixels.
pub const SIZES: [u32; 4] = [64, 128, 256, 512];

const VERSION_BYTES: usize = 16;

/// What a new picture is known by: 128 random bits, so that nobody finds it who was not told of it.
pub fn version(clock: &Clock) -> String {
    URL_SAFE_NO_PAD.encode(clock.random::<VERSION_BYTES>())
}

/// Where a user's picture is, by size.
pub fn urls(user: UserId, version: &str) -> BTreeMap<u32, String> {
    SIZES.into_iter().map(|size| (size, format!("/api/v1/users/{user}/avatar/{size}?v={version}"))).collect()
}

#[cfg(test)]
mod tests {
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn each_size_has_its_own_address_and_each_picture_its_own_version() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let (one, other) = (version(&clock), version(&clock));
        assert_ne!(one, other);
        let urls = urls(UserId::generate(&clock), &one);
        assert_eq!(urls.len(), SIZES.len());
        assert!(urls[&64].ends_with(&format!("/avatar/64?v={one}")), "{}", urls[&64]);
    }
}
