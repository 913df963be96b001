//! The vectors that the TypeID specification 0.3.0 publishes, and what they cannot say: properties.

use proptest::prelude::*;
use uuid::Uuid;
use witan_ids::typeid::{TypeIdError, decode, encode};

const VALID: [(&str, &str, &str, &str); 9] = [
    ("nil", "00000000000000000000000000", "", "00000000-0000-0000-0000-000000000000"),
    ("one", "00000000000000000000000001", "", "00000000-0000-0000-0000-000000000001"),
    ("ten", "0000000000000000000000000a", "", "00000000-0000-0000-0000-00000000000a"),
    ("sixteen", "0000000000000000000000000g", "", "00000000-0000-0000-0000-000000000010"),
    ("thirty-two", "00000000000000000000000010", "", "00000000-0000-0000-0000-000000000020"),
    ("max-valid", "7zzzzzzzzzzzzzzzzzzzzzzzzz", "", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ("valid-alphabet", "prefix_0123456789abcdefghjkmnpqrs", "prefix", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
    ("valid-uuidv7", "prefix_01h455vb4pex5vsknk084sn02q", "prefix", "01890a5d-ac96-774b-bcce-b302099a8057"),
    (
        "prefix-underscore",
        "pre_fix_00000000000000000000000000",
        "pre_fix",
        "00000000-0000-0000-0000-000000000000",
    ),
];

const INVALID: [(&str, &str, TypeIdError); 19] = [
    ("prefix-uppercase", "PREFIX_00000000000000000000000000", TypeIdError::Prefix),
    ("prefix-numeric", "12345_00000000000000000000000000", TypeIdError::Prefix),
    ("prefix-period", "pre.fix_00000000000000000000000000", TypeIdError::Prefix),
    ("prefix-non-ascii", "préfix_00000000000000000000000000", TypeIdError::Prefix),
    ("prefix-spaces", "  prefix_00000000000000000000000000", TypeIdError::Prefix),
    (
        "prefix-64-chars",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl_00000000000000000000000000",
        TypeIdError::Prefix,
    ),
    ("separator-empty-prefix", "_00000000000000000000000000", TypeIdError::Prefix),
    ("separator-empty", "_", TypeIdError::Prefix),
    ("suffix-short", "prefix_1234567890123456789012345", TypeIdError::Length),
    ("suffix-long", "prefix_123456789012345678901234567", TypeIdError::Length),
    ("suffix-spaces", "prefix_1234567890123456789012345 ", TypeIdError::Character),
    ("suffix-uppercase", "prefix_0123456789ABCDEFGHJKMNPQRS", TypeIdError::Character),
    ("suffix-hyphens", "prefix_123456789-123456789-123456", TypeIdError::Character),
    ("suffix-wrong-alphabet", "prefix_ooooooiiiiiiuuuuuuulllllll", TypeIdError::Character),
    ("suffix-ambiguous-crockford", "prefix_i23456789ol23456789oi23456", TypeIdError::Character),
    ("suffix-hyphens-crockford", "prefix_123456789-0123456789-0123456", TypeIdError::Length),
    ("suffix-overflow", "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz", TypeIdError::Overflow),
    ("prefix-underscore-start", "_prefix_00000000000000000000000000", TypeIdError::Prefix),
    ("prefix-underscore-end", "prefix__00000000000000000000000000", TypeIdError::Prefix),
];

#[test]
fn valid_vectors_decode_and_encode() {
    for (name, text, prefix, uuid) in VALID {
        let uuid: Uuid = uuid.parse().unwrap();
        assert_eq!(decode(text), Ok((prefix, uuid)), "{name}");
        assert_eq!(encode(prefix, uuid).as_deref(), Ok(text), "{name}");
    }
}

#[test]
fn invalid_vectors_are_refused() {
    for (name, text, error) in INVALID {
        assert_eq!(decode(text), Err(error), "{name}");
    }
    assert_eq!(decode(""), Err(TypeIdError::Length));
}

#[test]
fn the_longest_prefix_is_allowed() {
    let prefix = "a".repeat(63);
    let text = encode(&prefix, Uuid::nil()).unwrap();
    assert_eq!(decode(&text), Ok((prefix.as_str(), Uuid::nil())));
}

proptest! {
    #[test]
    fn every_uuid_survives_the_round_trip(number: u128, prefix in "([a-z]([a-z_]{0,61}[a-z])?)?") {
        let uuid = Uuid::from_u128(number);
        let text = encode(&prefix, uuid).unwrap();
        prop_assert_eq!(decode(&text), Ok((prefix.as_str(), uuid)));
    }

    #[test]
    fn text_sorts_as_the_uuid_does(a: u128, b: u128) {
        let text = |number| encode("x", Uuid::from_u128(number)).unwrap();
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
    }

    #[test]
    fn any_text_is_parsed_or_refused_without_a_panic(text in ".*") {
        if let Ok((prefix, uuid)) = decode(&text) {
            prop_assert_eq!(encode(prefix, uuid).unwrap(), text);
        }
    }
}
