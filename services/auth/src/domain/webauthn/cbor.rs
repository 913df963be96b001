//! As much CBOR (RFC 8949) as authenticators write: the canonical form of CTAP2, with definite lengths and little depth.

/// How deep a value may be; CTAP2 writes four levels (CTAP 2.1, section 8).
const DEPTH: usize = 8;

/// A value. What nobody here asks for is `Other`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Map(Vec<(Item<'a>, Item<'a>)>),
    Other,
}

impl<'a> Item<'a> {
    /// The value at the beginning of `input`, which is left at what follows.
    pub(super) fn read(input: &mut &'a [u8]) -> Option<Self> {
        read(input, DEPTH)
    }

    /// The value that is the whole of `input`.
    pub(super) fn whole(mut input: &'a [u8]) -> Option<Self> {
        Self::read(&mut input).filter(|_| input.is_empty())
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&Self> {
        self.find(&Item::Text(name))
    }

    pub(super) fn by_label(&self, label: i64) -> Option<&Self> {
        self.find(&Item::Integer(label))
    }

    fn find(&self, key: &Item<'_>) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

fn read<'a>(input: &mut &'a [u8], depth: usize) -> Option<Item<'a>> {
    let depth = depth.checked_sub(1)?;
    let (major, argument) = head(input)?;
    match major {
        0 => i64::try_from(argument).ok().map(Item::Integer),
        1 => i64::try_from(argument).ok().map(|number| Item::Integer(-1 - number)),
        2 => take(input, argument).map(Item::Bytes),
        3 => std::str::from_utf8(take(input, argument)?).ok().map(Item::Text),
        4 => {
            for _ in 0..argument {
                read(input, depth)?;
            }
            Some(Item::Other)
        }
        5 => {
            let mut entries: Vec<(Item<'a>, Item<'a>)> = Vec::new();
            for _ in 0..argument {
                let (key, value) = (read(input, depth)?, read(input, depth)?);
                // Of two entries with one key, somebody else might read the other.
                if matches!(key, Item::Other | Item::Map(_)) || entries.iter().any(|(known, _)| *known == key)
                {
                    return None;
                }
                entries.push((key, value));
            }
            Some(Item::Map(entries))
        }
        7 => Some(Item::Other),
        _ => None,
    }
}

/// The major type and its argument. Indefinite lengths are refused.
fn head(input: &mut &[u8]) -> Option<(u8, u64)> {
    let first = *take(input, 1)?.first()?;
    let argument = match first & 31 {
        small @ 0..=23 => u64::from(small),
        width @ 24..=27 => {
            let bytes = take(input, 1 << (width - 24))?;
            bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
        }
        _ => return None,
    };
    Some((first >> 5, argument))
}

fn take<'a>(input: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, rest) = input.split_at_checked(usize::try_from(length).ok()?)?;
    *input = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn examples_of_rfc_8949() {
        let integers: [(&[u8], i64); 6] = [
            (&[0x00], 0),
            (&[0x17], 23),
            (&[0x18, 0x64], 100),
            (&[0x19, 0x03, 0xe8], 1000),
            (&[0x20], -1),
            (&[0x39, 0x03, 0xe7], -1000),
        ];
        for (bytes, number) in integers {
            assert_eq!(Item::whole(bytes), Some(Item::Integer(number)));
        }
        assert_eq!(Item::whole(b"\x44\x01\x02\x03\x04"), Some(Item::Bytes(&[1, 2, 3, 4])));
        assert_eq!(Item::whole(b"\x64IETF"), Some(Item::Text("IETF")));
        let map = Item::whole(b"\xa2\x61a\x01\x61b\x82\x02\x03").unwrap();
        assert_eq!((map.by_name("a"), map.by_name("b")), (Some(&Item::Integer(1)), Some(&Item::Other)));
    }

    #[test]
    fn what_is_cut_short_too_deep_ambiguous_or_endless_is_nothing() {
        let deep = [0x81; 100];
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x44\x01",
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x5f\x41\x01\xff",
            b"\xa2\x01\x01\x01\x02",
            b"\x61\xff",
            &deep,
        ];
        for input in inputs {
            assert_eq!(Item::whole(input), None, "{input:02x?}");
        }
        assert_eq!(Item::whole(&[0x00, 0x00]), None, "something follows");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes: Vec<u8>) {
            let _ = Item::whole(&bytes);
        }
    }
}
