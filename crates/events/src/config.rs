use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};
use witan_config::Reader;

const NAME: &str = "AMQP_URL";

/// How to reach the broker.
#[derive(Debug, Clone)]
pub struct AmqpConfig {
    /// The URL, with the virtual host as its path.
    pub url: SecretString,
}

impl AmqpConfig {
    /// Reads `AMQP_URL`.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let url = r.secret(NAME)?;
        match url.expose_secret().parse::<AMQPUri>() {
            Ok(_) => Some(Self { url }),
            Err(_) => r.mistake(NAME, "is not valid: not an AMQP URL"),
        }
    }

    /// A configuration with this URL.
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self { url: url.into() }
    }
}
