use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;
use url::Url;
use witan_clock::Clock;

use crate::cleanup;
use crate::servers::Servers;

/// A virtual host that only one test uses. Dropping it removes it with its queues and connections.
#[derive(Debug)]
pub struct VirtualHost {
    amqp: Url,
    management: Url,
    name: String,
}

impl VirtualHost {
    /// A new one, empty.
    ///
    /// # Errors
    /// When the broker refuses.
    pub async fn create(servers: &Servers) -> Result<Self> {
        let name = format!("wt-{}", Clock::system().uuid_v7().simple());
        let host = Self { amqp: servers.amqp.clone(), management: servers.amqp_management.clone(), name };
        call(&host.management, Method::PUT, &format!("vhosts/{}", host.name), None).await?;
        let user = host.management.username();
        let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
        call(&host.management, Method::PUT, &format!("permissions/{}/{user}", host.name), Some(all)).await?;
        Ok(host)
    }

    /// For `AMQP_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = self.amqp.clone();
        url.set_path(&self.name);
        url.into()
    }

    /// Closes every connection to this host from the broker's side, as a restart would.
    ///
    /// # Errors
    /// When the broker refuses.
    pub async fn cut_connections(&self) -> Result<usize> {
        let path = format!("vhosts/{}/connections", self.name);
        let open = call(&self.management, Method::GET, &path, None).await?;
        let names: Vec<&str> =
            open.as_array().into_iter().flatten().filter_map(|c| c["name"].as_str()).collect();
        for name in &names {
            let mut url = self.management.clone();
            url.path_segments_mut().map_err(|()| anyhow::anyhow!("no base"))?.extend([
                "api",
                "connections",
                name,
            ]);
            // One that has closed meanwhile answers 404.
            client()?.delete(url).send().await?;
        }
        Ok(names.len())
    }
}

impl Drop for VirtualHost {
    fn drop(&mut self) {
        let (management, name) = (self.management.clone(), self.name.clone());
        cleanup::blocking(async move {
            call(&management, Method::DELETE, &format!("vhosts/{name}"), None).await.map(drop)
        });
    }
}

async fn call(
    base: &Url,
    method: Method,
    path: &str,
    body: Option<serde_json::Value>,
) -> Result<serde_json::Value> {
    let url = base.join(&format!("/api/{path}"))?;
    // The name and password of the URL become the header; a second one is refused.
    let mut request = client()?.request(method, url);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "the broker answered {status} to {path}: {text}");
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn client() -> Result<reqwest::Client> {
    #[expect(clippy::disallowed_methods, reason = "talks to the tests' own broker")]
    let builder = reqwest::Client::builder();
    Ok(builder.no_proxy().timeout(crate::PATIENCE).build()?)
}
