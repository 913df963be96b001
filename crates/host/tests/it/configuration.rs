use witan_clock::Clock;
use witan_config::Env;
use witan_host::{Settings, StartError, run};
use witan_lifecycle::Lifecycle;

use crate::tiny::Tiny;
use crate::world::KEYS;

fn five_mistakes() -> Env {
    Env::from([
        ("TINY_LISTEN", "everywhere"),
        ("TINY_SIZE", "300"),
        ("TINY_PAUSE", "a while"),
        ("WITAN_WORKERS", "0"),
        ("AMQP_URL", "amqp://guest:guest@127.0.0.1:1/x"),
        ("WITAN_ENCRYPTION_KEYS", KEYS),
    ])
}

#[test]
fn five_mistakes_of_host_and_service_are_named_at_once() {
    let mistakes = Settings::<Tiny>::read(&five_mistakes()).err().unwrap();
    insta::assert_snapshot!(mistakes, @"
    the configuration has 5 mistakes:
      TINY_LISTEN is not valid: invalid socket address syntax
      WITAN_WORKERS must be at least 1
      TINY_DATABASE_URL is required and not set
      TINY_SIZE is not valid: number too large to fit in target type
      TINY_PAUSE must be a number and a unit of ms, s, m, h or d, such as `15m`
    ");
}

#[tokio::test]
async fn a_service_with_mistakes_does_not_start() {
    let started = run::<Tiny>(&five_mistakes(), Clock::system(), Lifecycle::new(), None).await;
    let Some(StartError::Config(mistakes)) = started.err() else { panic!("it started") };
    assert_eq!(mistakes.names().len(), 5);
}

#[test]
fn production_refuses_what_is_only_safe_on_a_laptop() {
    let env = Env::from([
        ("WITAN_ENV", "production"),
        ("TINY_DATABASE_URL", "postgres://witan_tiny@127.0.0.1/witan"),
        ("AMQP_URL", "amqp://guest:guest@127.0.0.1:1/x"),
        ("EGRESS_ALLOW_PRIVATE", "true"),
    ]);
    let mistakes = Settings::<Tiny>::read(&env).err().unwrap();
    for name in [
        "WITAN_PUBLIC_URL",
        "WITAN_INTERNAL_KEY",
        "WITAN_ENCRYPTION_KEYS",
        "WITAN_CURSOR_KEY",
        "EGRESS_ALLOW_PRIVATE",
    ] {
        assert!(mistakes.names().contains(&name), "{name} is not among {mistakes}");
    }
}
