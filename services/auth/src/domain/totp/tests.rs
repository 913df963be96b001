use chrono::TimeDelta;
use proptest::prelude::*;
use witan_clock::ManualClock;

use super::*;

fn rfc() -> TotpSecret {
    TotpSecret::from_bytes(b"12345678901234567890").unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn code(text: &str) -> TotpCode {
    TotpCode::parse(text).unwrap()
}

#[test]
fn the_vectors_of_rfc_6238() {
    // Appendix B shows eight digits; six are the last six of them.
    let vectors = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    for (seconds, text) in vectors {
        assert_eq!(rfc().code(at(seconds)).0, code(text).0, "{seconds}");
        assert!(rfc().accept(&code(text), at(seconds), None).is_some(), "{seconds}");
    }
}

#[test]
fn a_code_works_once_and_so_does_everything_before_it() {
    let now = at(1_234_567_890);
    let step = rfc().accept(&rfc().code(now), now, None).unwrap();
    assert_eq!(rfc().accept(&rfc().code(now), now, Some(step)), None, "again");
    let before = rfc().code(now - TimeDelta::seconds(30));
    assert_eq!(rfc().accept(&before, now, Some(step)), None, "an earlier one");
    let after = rfc().code(now + TimeDelta::seconds(30));
    assert_eq!(rfc().accept(&after, now, Some(step)), Some(step + 1));
}

#[test]
fn a_clock_may_be_one_step_off_and_no_more() {
    let now = at(1_234_567_890);
    for (steps, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let shown = rfc().code(now + TimeDelta::seconds(30 * steps));
        assert_eq!(rfc().accept(&shown, now, None).is_some(), good, "{steps}");
    }
}

#[test]
fn the_uri_names_issuer_and_account_whatever_they_contain() {
    let uri = rfc().uri("Witan & Co", "a+b/c?d@example.com").unwrap();
    assert_eq!(
        uri.as_str(),
        "otpauth://totp/Witan%20%26%20Co:a%2Bb%2Fc%3Fd%40example.com\
         ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Witan%20%26%20Co"
    );
}

#[test]
fn secrets_differ_and_are_not_shown() {
    let clock = ManualClock::at(at(0)).clock();
    let (one, other) = (TotpSecret::generate(&clock), TotpSecret::generate(&clock));
    assert_ne!(one.expose(), other.expose());
    assert!(!format!("{one:?}").contains(&one.text()));
    assert!(TotpSecret::from_bytes(&[0; SECRET_LENGTH - 1]).is_none());
}

#[test]
fn six_digits_are_a_code_and_nothing_else_is() {
    assert!(TotpCode::parse("123 456").is_some());
    for text in ["", "12345", "1234567", "12345a", "-12345", "１２３４５６"] {
        assert!(TotpCode::parse(text).is_none(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_an_app_shows_is_taken_at_any_time(seconds in 0..32_503_680_000_i64, bytes: [u8; SECRET_LENGTH]) {
        let secret = TotpSecret::from_bytes(&bytes).unwrap();
        prop_assert!(secret.accept(&secret.code(at(seconds)), at(seconds), None).is_some());
    }
}
