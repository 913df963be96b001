//! Where an event stands among those about the same thing.

/// Its place: what it is about, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) key: i64,
    pub(crate) sequence: i64,
}

impl Position {
    /// Numbers are those of a subject at one source. Two things with the same key, of 2^64, would only wait for each other.
    pub(crate) fn of(source: &str, subject: &str, sequence: i64) -> Self {
        let text = source.bytes().chain([0]).chain(subject.bytes());
        Self { key: fnv(text).cast_signed(), sequence }
    }
}

/// FNV-1a: stored, so it must never change.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_text_is_the_published_one() {
        assert_eq!(fnv(b"foobar".iter().copied()), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn source_and_subject_are_told_apart() {
        assert_eq!(Position::of("a", "b", 1).key, Position::of("a", "b", 2).key);
        assert_ne!(Position::of("ab", "c", 1).key, Position::of("a", "bc", 1).key);
    }
}
