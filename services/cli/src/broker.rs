use anyhow::{Context as _, Result};
use clap::Args;
use reqwest::Url;
use witan_config::{Env, Reader};
use witan_events::AmqpConfig;

pub(crate) const UNREACHABLE: &str = "cannot reach the broker: is AMQP_URL right?";

/// Which broker.
#[derive(Debug, Args)]
pub(crate) struct Broker {
    /// The broker with its virtual host; may hold a password, so rather set AMQP_URL.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    amqp_url: String,
}

impl Broker {
    /// Checked as a service would.
    pub(crate) fn config(&self) -> Result<AmqpConfig> {
        let env = Env::from([("AMQP_URL", self.amqp_url.as_str())]);
        let mut reader = Reader::new(&env);
        let config = AmqpConfig::read(&mut reader);
        Ok(reader.finish(|| config)?)
    }

    /// As it was given.
    pub(crate) fn url(&self) -> Result<Url> {
        Url::parse(&self.amqp_url).context("AMQP_URL is not valid")
    }
}
