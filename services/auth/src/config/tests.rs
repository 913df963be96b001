use witan_config::{Env, Mistakes};

use super::*;

fn read(env: &Env) -> Result<AuthConfig, Mistakes> {
    let mut reader = Reader::new(env);
    let config = AuthConfig::read(&mut reader);
    reader.finish(|| config)
}

fn mistakes(env: &Env) -> Vec<String> {
    let Err(mistakes) = read(env) else { panic!("the configuration was accepted") };
    mistakes.names().into_iter().map(str::to_owned).collect()
}

fn production() -> Env {
    Env::from([
        ("WITAN_ENV", "production"),
        ("WITAN_PUBLIC_URL", "https://witan.example"),
        ("MAIL_FROM", "Witan <no-reply@witan.example>"),
        ("SMTP_URL", "smtps://user:hunter2@mail.example:465"),
    ])
}

#[test]
fn development_needs_nothing() {
    let config = read(&Env::default()).unwrap();
    assert_eq!(config.lifetimes.access, TimeDelta::minutes(15));
    assert!(matches!(config.mail.route, Route::Folder(path) if path.ends_with("mail")));
}

#[test]
fn production_needs_an_address_a_sender_and_a_mail_server() {
    let bare = Env::from([("WITAN_ENV", "production")]);
    assert_eq!(mistakes(&bare), ["WITAN_PUBLIC_URL", "MAIL_FROM", "SMTP_URL"]);
    assert!(read(&production()).is_ok());
}

#[test]
fn production_refuses_what_is_only_good_for_development() {
    let cases = [
        (production().with("WITAN_PUBLIC_URL", "http://witan.example"), "WITAN_PUBLIC_URL"),
        (production().with("SMTP_URL", "smtp://mail.example"), "SMTP_URL"),
        (production().with("SMTP_URL", "ftp://mail.example"), "SMTP_URL"),
        (production().without("SMTP_URL").with("MAIL_OUTBOX_DIR", "/tmp/mail"), "MAIL_OUTBOX_DIR"),
    ];
    for (env, name) in cases {
        assert_eq!(mistakes(&env), [name]);
    }
    assert!(read(&production().with("SMTP_URL", "smtp://mail.example?tls=required")).is_ok());
}

#[test]
fn nothing_is_forgotten_while_it_is_of_use() {
    for (name, value) in [("AUTH_UNVERIFIED_KEPT", "23h"), ("AUTH_MAILS_KEPT", "1d")] {
        assert_eq!(mistakes(&Env::from([(name, value)])), [name]);
    }
    let env = Env::from([("AUTH_UNVERIFIED_KEPT", "24h"), ("AUTH_SESSIONS_KEPT", "0s")]);
    assert!(read(&env).is_ok());
}

#[test]
fn contradictions_are_named() {
    let env = Env::from([
        ("AUTH_ACCESS_TTL", "2h"),
        ("AUTH_HASH_SLOTS", "0"),
        ("MAIL_OUTBOX_DIR", "/tmp/mail"),
        ("SMTP_URL", "smtp://mail.example"),
        ("MAIL_FROM", "nobody"),
    ]);
    let mut names = mistakes(&env);
    names.sort_unstable();
    assert_eq!(names, ["AUTH_ACCESS_TTL", "AUTH_HASH_SLOTS", "MAIL_FROM", "MAIL_OUTBOX_DIR"]);
    let order = Env::from([("AUTH_REFRESH_TTL", "31d")]);
    assert_eq!(mistakes(&order), ["AUTH_REFRESH_TTL"]);
}

#[test]
fn a_mistake_does_not_show_the_mail_password() {
    let env = production().with("SMTP_URL", "smtp://user:hunter2@mail.example");
    let Err(mistakes) = read(&env) else { panic!("accepted") };
    assert!(!mistakes.to_string().contains("hunter2"));
}
