use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, bail};

use super::Setting;
use crate::account::{private_dir, private_file};
use crate::process::{BROKER, PROMPT, Spec};

/// The server's own script: the one in /usr/sbin insists on the account `rabbitmq`
/// and on the machine's data folder.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// Erlang's port mapper. Started by us, because the one the broker would start
/// daemonises itself and outlives it.
pub(super) fn epmd(s: &Setting<'_>) -> Result<Spec> {
    let dir = s.state.at("rabbitmq");
    private_dir(&dir, s.account)?;
    Ok(Spec {
        name: "epmd".to_owned(),
        program: s.outside.program("epmd", "rabbitmq-server")?,
        args: ["-port", &s.ports.epmd.to_string(), "-address", "127.0.0.1"].map(str::to_owned).to_vec(),
        env: s.env(&dir),
        dir,
        account: s.account.cloned(),
        log: s.state.log("epmd"),
        show: false,
        manners: PROMPT,
    })
}

pub(super) fn spec(s: &Setting<'_>) -> Result<Spec> {
    if !Path::new(SERVER).is_file() {
        bail!("RabbitMQ is not installed: run ./scripts/up, or `apt-get install rabbitmq-server`");
    }
    let dir = s.state.at("rabbitmq");
    let config = dir.join("rabbitmq.conf");
    private_file(&config, &configuration(s)?, s.account)?;
    private_file(&dir.join("enabled_plugins"), "[rabbitmq_management].\n", s.account)?;
    // Erlang reads the cookie from HOME and wants nobody else to be able to.
    private_file(&dir.join(".erlang.cookie"), &s.keys.erlang_cookie, s.account)?;
    let mut env = s.env(&dir);
    let file = |name: &str| dir.join(name).display().to_string();
    env.extend(
        [
            ("RABBITMQ_NODENAME", format!("witan-{}@localhost", s.profile.name())),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODE_PORT", s.ports.amqp.to_string()),
            ("RABBITMQ_DIST_PORT", s.ports.amqp_distribution.to_string()),
            ("ERL_EPMD_PORT", s.ports.epmd.to_string()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_MNESIA_BASE", file("mnesia")),
            ("RABBITMQ_LOG_BASE", file("log")),
            ("RABBITMQ_CONFIG_FILE", file("rabbitmq.conf")),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", file("none.config")),
            ("RABBITMQ_CONF_ENV_FILE", file("none.conf")),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", file("enabled_plugins")),
            ("RABBITMQ_PID_FILE", file("pid")),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}".to_owned()),
            // Makes the script become the Erlang VM instead of waiting for it in a shell.
            ("RUNNING_UNDER_SYSTEMD", "true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    Ok(Spec {
        name: "rabbitmq".to_owned(),
        program: SERVER.into(),
        args: Vec::new(),
        env,
        dir,
        account: s.account.cloned(),
        log: s.state.log("rabbitmq"),
        show: false,
        manners: BROKER,
    })
}

fn configuration(s: &Setting<'_>) -> Result<String> {
    let mut text = String::new();
    writeln!(text, "listeners.tcp.1 = 127.0.0.1:{}", s.ports.amqp)?;
    writeln!(text, "management.tcp.ip = 127.0.0.1")?;
    writeln!(text, "management.tcp.port = {}", s.ports.amqp_management)?;
    writeln!(text, "default_vhost = witan")?;
    writeln!(text, "default_user = witan")?;
    writeln!(text, "default_pass = {}", s.keys.rabbitmq)?;
    writeln!(text, "log.console = true")?;
    writeln!(text, "log.console.level = warning")?;
    writeln!(text, "disk_free_limit.absolute = 200MB")?;
    Ok(text)
}

/// Ready when the management API answers for our vhost: it comes up last.
pub(super) async fn is_ready(s: &Setting<'_>, http: &reqwest::Client) -> bool {
    let url = format!("{}/api/vhosts/witan", s.management_url());
    let answer = http.get(url).send().await;
    let listening = tokio::net::TcpStream::connect(("127.0.0.1", s.ports.amqp)).await.is_ok();
    listening && answer.is_ok_and(|a| a.status().is_success())
}
