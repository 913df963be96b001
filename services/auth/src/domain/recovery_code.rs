//! Codes on paper, for the day the phone is gone. Each works once.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use witan_clock::Clock;
use witan_ids::UserId;

use super::base32;

/// How many a person has after they asked for new ones.
pub const CODES: usize = 10;
/// Eighty bits: too many to guess also for who has stolen the digests, so that they need no slow hash.
const BYTES: usize = 10;
const CHARACTERS: usize = 16;
const GROUP: usize = 4;

/// One code, without the dashes that make it readable.
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A new set, which takes the place of the old one.
    pub fn generate_set(clock: &Clock) -> Vec<Self> {
        (0..CODES).map(|_| Self(base32::encode(&clock.random::<BYTES>()))).collect()
    }

    /// The code as somebody types it: in any case, with dashes and spaces where they like. `None` for what was
    /// never one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(CHARACTERS);
        for character in text.chars().filter(|character| !matches!(character, '-' | ' ')) {
            let character = character.to_ascii_uppercase();
            if code.len() == CHARACTERS || !base32::contains(character) {
                return None;
            }
            code.push(character);
        }
        (code.len() == CHARACTERS).then_some(Self(code))
    }

    /// The code as it is shown, this once.
    pub fn text(&self) -> String {
        let groups: Vec<&str> =
            (0..CHARACTERS).step_by(GROUP).map(|start| &self.0[start..start + GROUP]).collect();
        groups.join("-")
    }

    /// What the table knows it by. One person's code is nothing on another's account.
    pub fn digest(&self, user: UserId) -> Vec<u8> {
        let bytes = [user.uuid().as_bytes().as_slice(), self.0.as_bytes()].concat();
        digest(&SHA256, &bytes).as_ref().to_vec()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use witan_clock::ManualClock;

    use super::*;

    fn clock() -> Clock {
        ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock()
    }

    #[test]
    fn is_found_again_however_it_is_typed() {
        let user = UserId::generate(&clock());
        for code in RecoveryCode::generate_set(&clock()) {
            let shown = code.text();
            assert_eq!(shown.len(), CHARACTERS + 3);
            for typed in
                [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('-', "")]
            {
                assert_eq!(RecoveryCode::parse(&typed).unwrap().digest(user), code.digest(user), "{typed}");
            }
        }
    }

    #[test]
    fn a_set_holds_no_code_twice_and_shows_none() {
        let set = RecoveryCode::generate_set(&clock());
        assert_eq!(set.iter().map(RecoveryCode::text).collect::<HashSet<_>>().len(), CODES);
        assert!(!format!("{:?}", set[0]).contains(&set[0].text()));
    }

    #[test]
    fn is_nothing_on_another_account() {
        let (one, other) = (UserId::generate(&clock()), UserId::generate(&Clock::system()));
        let code = &RecoveryCode::generate_set(&clock())[0];
        assert_ne!(code.digest(one), code.digest(other));
    }

    #[test]
    fn anything_else_is_none() {
        for text in
            ["", "AAAA", &"A".repeat(15), &"A".repeat(17), &"1".repeat(16), &"ä".repeat(16), &"ſ".repeat(16)]
        {
            assert!(RecoveryCode::parse(text).is_none(), "{text:?}");
        }
    }
}
