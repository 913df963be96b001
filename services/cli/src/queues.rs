//! Which consumers a broker has: its management interface tells, AMQP does not.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use reqwest::Url;
use serde::Deserialize;

use crate::broker::Broker;
use crate::traces::http;

const PORT: u16 = 15672;
const DEAD: &str = ".dead";
const ANSWER: Duration = Duration::from_secs(10);

/// Where the broker tells of its queues.
#[derive(Debug, Args)]
pub(crate) struct Management {
    /// The broker's management interface, to look through all queues; port 15672 of its host unless set. The user is AMQP_URL's
    /// unless it names one.
    #[arg(long = "management-url", env = "AMQP_MANAGEMENT_URL", hide_env_values = true)]
    url: Option<Url>,
}

#[derive(Deserialize)]
struct Queue {
    name: String,
}

impl Management {
    /// The queues of all consumers of the virtual host that have a place for dead letters, by name.
    pub(crate) async fn consumers(&self, broker: &Broker) -> Result<Vec<String>> {
        let url = self.list_url(&broker.url()?)?;
        let asked = "cannot ask the broker for its queues: is AMQP_MANAGEMENT_URL right?";
        let answer = http()?
            .get(url)
            .timeout(ANSWER)
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .context(asked)?;
        if !answer.status().is_success() {
            bail!("the broker does not tell its queues (status {}): may the user see them?", answer.status());
        }
        let queues: Vec<Queue> = answer.json().await.map_err(reqwest::Error::without_url).context(asked)?;
        let mut consumers: Vec<String> =
            queues.iter().filter_map(|queue| Some(queue.name.strip_suffix(DEAD)?.to_owned())).collect();
        consumers.sort();
        Ok(consumers)
    }

    fn list_url(&self, amqp: &Url) -> Result<Url> {
        let mut url = match &self.url {
            Some(url) => url.clone(),
            None => {
                let host = amqp.host_str().context("AMQP_URL names no host")?;
                Url::parse(&format!("http://{host}:{PORT}/"))?
            }
        };
        if url.username().is_empty() {
            let copied = url.set_username(amqp.username()).and_then(|()| url.set_password(amqp.password()));
            copied.ok().context("AMQP_MANAGEMENT_URL must be an HTTP URL")?;
        }
        // As it is written there, encoded; none is the virtual host `/`.
        let vhost = amqp.path().strip_prefix('/').filter(|vhost| !vhost.is_empty()).unwrap_or("%2F");
        let path = format!("{}/api/queues/{vhost}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url.set_query(Some("columns=name"));
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(management: Option<&str>, amqp: &str) -> String {
        let management = Management { url: management.map(|url| url.parse().unwrap()) };
        management.list_url(&amqp.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn the_host_the_user_and_the_virtual_host_are_those_of_the_broker() {
        let columns = "?columns=name";
        assert_eq!(
            list(None, "amqp://witan:p%40ss@broker:5672/witan"),
            format!("http://witan:p%40ss@broker:15672/api/queues/witan{columns}")
        );
        assert_eq!(
            list(Some("https://ops:secret@elsewhere/rabbit/"), "amqp://witan:pass@broker/%2Fone"),
            format!("https://ops:secret@elsewhere/rabbit/api/queues/%2Fone{columns}")
        );
        assert_eq!(
            list(Some("http://127.0.0.1:23503"), "amqp://witan:pass@broker"),
            format!("http://witan:pass@127.0.0.1:23503/api/queues/%2F{columns}")
        );
    }
}
