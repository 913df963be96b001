use std::fmt::Write as _;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Setting;
use crate::account::{private_dir, private_file};
use crate::process::{PROMPT, Spec};

pub(super) fn spec(s: &Setting<'_>) -> Result<Spec> {
    let program = s.outside.program("redis-server", "redis-server")?;
    let dir = s.state.at("redis");
    private_dir(&dir, s.account)?;
    let config = dir.join("redis.conf");
    private_file(&config, &configuration(s, &dir.display().to_string())?, s.account)?;
    Ok(Spec {
        name: "redis".to_owned(),
        program,
        args: vec![config.display().to_string()],
        env: s.env(&dir),
        dir,
        account: s.account.cloned(),
        log: s.state.log("redis"),
        show: false,
        manners: PROMPT,
    })
}

fn configuration(s: &Setting<'_>, dir: &str) -> Result<String> {
    let mut text = String::new();
    writeln!(text, "bind 127.0.0.1")?;
    writeln!(text, "port {}", s.ports.redis)?;
    writeln!(text, "dir \"{dir}\"")?;
    writeln!(text, "requirepass {}", s.keys.redis)?;
    writeln!(text, "save \"\"")?;
    writeln!(text, "appendonly {}", if s.profile.is_durable() { "yes" } else { "no" })?;
    writeln!(text, "daemonize no")?;
    Ok(text)
}

pub(super) async fn is_ready(s: &Setting<'_>) -> bool {
    ping(s).await.is_ok_and(|answer| answer.contains("+PONG"))
}

async fn ping(s: &Setting<'_>) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", s.ports.redis)).await?;
    let request = format!("AUTH {}\r\nPING\r\nQUIT\r\n", s.keys.redis);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
