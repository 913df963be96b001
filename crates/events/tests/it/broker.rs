//! A virtual host of its own for each test, on the broker of `WITAN_TEST_AMQP_URL`. Deleted with it.

use std::io::{Read, Write};
use std::net::TcpStream;

use witan_clock::Clock;
use witan_config::Env;
use witan_events::AmqpConfig;

pub(crate) struct Broker {
    pub(crate) vhost: String,
    amqp: String,
    management: String,
}

impl Broker {
    pub(crate) async fn create() -> Self {
        let env = Env::process();
        let get =
            |name| env.get(name).unwrap_or_else(|| panic!("{name} says where tests may work")).to_owned();
        let vhost = format!("it-{}", Clock::system().uuid_v7().simple());
        let broker = Self {
            vhost,
            amqp: get("WITAN_TEST_AMQP_URL"),
            management: get("WITAN_TEST_AMQP_MANAGEMENT_URL"),
        };
        broker.call("PUT", format!("/api/vhosts/{}", broker.vhost), "").await;
        let all = r#"{"configure":".*","write":".*","read":".*"}"#;
        broker.call("PUT", format!("/api/permissions/{}/guest", broker.vhost), all).await;
        broker
    }

    pub(crate) fn config(&self) -> AmqpConfig {
        AmqpConfig::new(format!("{}/{}", self.amqp.trim_end_matches('/'), self.vhost))
    }

    /// Closes every connection to the virtual host, and returns how many they were.
    pub(crate) async fn close_connections(&self) -> usize {
        let list = self.call("GET", format!("/api/vhosts/{}/connections", self.vhost), "").await;
        let list: serde_json::Value = serde_json::from_str(&list).unwrap_or_default();
        let names: Vec<String> = list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| Some(one["name"].as_str()?.to_owned()))
            .collect();
        for name in &names {
            let path = format!("/api/connections/{}", name.replace(' ', "%20").replace('>', "%3E"));
            self.call("DELETE", path, "").await;
        }
        names.len()
    }

    /// A request to the management API, which is plain HTTP on a port of this machine.
    async fn call(&self, method: &'static str, path: String, body: &'static str) -> String {
        let management = self.management.clone();
        tokio::task::spawn_blocking(move || request(&management, method, &path, body)).await.unwrap()
    }
}

fn request(management: &str, method: &str, path: &str, body: &str) -> String {
    let rest = management.strip_prefix("http://").unwrap().trim_end_matches('/');
    let (user, host) = rest.split_once('@').unwrap();
    let credentials = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, user);
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Basic {credentials}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}

impl Drop for Broker {
    fn drop(&mut self) {
        request(&self.management, "DELETE", &format!("/api/vhosts/{}", self.vhost), "");
    }
}
