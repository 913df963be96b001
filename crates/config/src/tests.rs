use std::time::Duration;

use crate::*;

fn read<T>(pairs: &[(&str, &str)], f: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Result<T, Mistakes> {
    let env: Env = pairs.iter().copied().collect();
    let mut reader = Reader::new(&env);
    let value = f(&mut reader);
    reader.finish(|| value)
}

#[test]
fn five_mistakes_are_named_at_once() {
    let pairs = [
        ("PORT", "70000"),
        ("TIMEOUT", "soon"),
        ("PEER_URL", "not a url with hunter2 in it"),
        ("WITAN_ENV", "prod"),
        ("ALSO_FINE", "1"),
    ];
    let mistakes = read(&pairs, |r| {
        let port = r.or::<u16>("PORT", 80);
        let timeout = r.duration("TIMEOUT", Duration::from_secs(1));
        let peer = r.url("PEER_URL");
        let key = r.secret("KEY");
        let fine = r.required::<u8>("ALSO_FINE");
        Some((port?, timeout?, peer?, key?, fine?))
    })
    .unwrap_err();
    assert_eq!(mistakes.names(), ["WITAN_ENV", "PORT", "TIMEOUT", "PEER_URL", "KEY"]);
    insta::assert_snapshot!(mistakes, @"
    the configuration has 5 mistakes:
      WITAN_ENV must be `development` or `production`
      PORT is not valid: number too large to fit in target type
      TIMEOUT must be a number and a unit of ms, s, m, h or d, such as `15m`
      PEER_URL is not valid: relative URL without a base
      KEY is required and not set
    ");
}

#[test]
fn a_good_configuration_is_read_as_written() {
    let pairs = [("PORT", " 8080 "), ("TIMEOUT", "250ms"), ("PEER_URL", "http://127.0.0.1:1"), ("KEY", "k")];
    let (port, timeout, peer, key) = read(&pairs, |r| {
        let port = r.or::<u16>("PORT", 80);
        let timeout = r.duration("TIMEOUT", Duration::from_secs(1));
        let peer = r.url("PEER_URL");
        let key = r.secret("KEY");
        Some((port?, timeout?, peer?, key?))
    })
    .unwrap();
    assert_eq!(port, 8080);
    assert_eq!(timeout, Duration::from_millis(250));
    assert_eq!(peer.as_str(), "http://127.0.0.1:1/");
    assert_eq!(key.expose_secret(), "k");
}

#[test]
fn an_empty_variable_counts_as_missing() {
    assert_eq!(read(&[("PORT", "  ")], |r| r.or::<u16>("PORT", 80)), Ok(80));
    assert_eq!(read(&[("PORT", "")], |r| r.optional::<u16>("PORT")), Ok(None));
    let mistakes = read(&[("PORT", "")], |r| r.required::<u16>("PORT")).unwrap_err();
    assert_eq!(mistakes.names(), ["PORT"]);
}

#[test]
fn messages_and_debug_output_never_show_a_value() {
    let pairs = [("KEY", "hunter2"), ("URL", "hunter2"), ("PORT", "hunter2"), ("WAIT", "hunter2")];
    let env: Env = pairs.into();
    assert!(!format!("{env:?}").contains("hunter2"));
    let mistakes = read(&pairs, |r| {
        let key = r.secret("KEY")?;
        assert!(!format!("{key:?}").contains("hunter2"));
        let url = r.url("URL");
        let port = r.required::<u16>("PORT");
        let wait = r.duration("WAIT", Duration::ZERO);
        Some((url?, port?, wait?))
    })
    .unwrap_err();
    assert_eq!(mistakes.names(), ["URL", "PORT", "WAIT"]);
    assert!(!format!("{mistakes} {mistakes:?}").contains("hunter2"));
}

#[test]
fn production_refuses_the_defaults_of_development() {
    let key = |r: &mut Reader<'_>| r.secret_or_dev("KEY", "dev-key");
    assert_eq!(read(&[], key).unwrap().expose_secret(), "dev-key");
    assert_eq!(read(&[("KEY", "mine")], key).unwrap().expose_secret(), "mine");
    let production = ("WITAN_ENV", "production");
    assert_eq!(read(&[production, ("KEY", "mine")], key).unwrap().expose_secret(), "mine");
    assert_eq!(read(&[production], key).unwrap_err().names(), ["KEY"]);
    assert_eq!(read(&[production, ("KEY", "dev-key")], key).unwrap_err().names(), ["KEY"]);
    assert_eq!(read(&[production], |r| r.or_dev("POOL", 1_u8)).unwrap_err().names(), ["POOL"]);
    assert_eq!(read(&[], |r| r.or_dev("POOL", 1_u8)), Ok(1));
}

#[test]
fn a_mistyped_environment_does_not_fall_back_to_development() {
    let mistakes = read(&[("WITAN_ENV", "Production")], |r| r.secret_or_dev("KEY", "dev-key")).unwrap_err();
    assert_eq!(mistakes.names(), ["WITAN_ENV", "KEY"]);
}

#[test]
fn the_same_mistake_is_told_once() {
    let twice = |r: &mut Reader<'_>| {
        let first = r.secret("KEY");
        let second = r.secret("KEY");
        Some((first?, second?))
    };
    assert_eq!(read(&[], twice).unwrap_err().names(), ["KEY"]);
}

#[test]
fn lists_are_separated_by_commas() {
    assert_eq!(read(&[("PORTS", "80, 443,")], |r| r.list::<u16>("PORTS")), Ok(vec![80, 443]));
    assert_eq!(read(&[], |r| r.list::<u16>("PORTS")), Ok(vec![]));
    assert_eq!(read(&[("PORTS", "80,x")], |r| r.list::<u16>("PORTS")).unwrap_err().names(), ["PORTS"]);
}

#[test]
fn durations_have_one_number_and_one_unit() {
    let good = [
        ("0", 0),
        ("250ms", 250),
        ("30s", 30_000),
        ("15m", 900_000),
        ("12h", 43_200_000),
        ("7d", 604_800_000),
    ];
    for (text, millis) in good {
        assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    for text in
        ["", "5", "s", "-1s", "1.5s", "1 s", "1S", "1w", "99999999999999999999s", "18446744073709551615d"]
    {
        assert_eq!(parse_duration(text), Err(ParseDurationError), "{text}");
    }
}
