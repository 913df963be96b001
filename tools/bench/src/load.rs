//! Load from `wrk`, a process of its own, so that the client's work is not the service's.

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

const SECONDS: u32 = 6;
const CONNECTIONS: u32 = 16;

/// Requests a second that were answered with 2xx. Any other answer is an error: a fast 429 is no throughput.
pub(crate) async fn rate(url: &str, headers: &[(&str, String)]) -> Result<f64> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s")]);
    for (name, value) in headers {
        wrk.args(["-H", &format!("{name}: {value}")]);
    }
    run(wrk, url).await
}

/// The same for a POST of JSON.
pub(crate) async fn post_rate(url: &str, body: &str) -> Result<f64> {
    let script = std::env::temp_dir().join(format!("witan-bench-{}.lua", std::process::id()));
    let lines = format!(
        "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [[{body}]]\n"
    );
    std::fs::write(&script, lines).context("cannot write a script for wrk")?;
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s"), "-s"]).arg(&script);
    let rate = run(wrk, url).await;
    let _ = std::fs::remove_file(&script);
    rate
}

async fn run(mut wrk: Command, url: &str) -> Result<f64> {
    let output = wrk.arg(url).output().await.context("cannot run wrk: apt-get install wrk")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success() && !text.contains("Non-2xx"), "{url}: {text}");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Requests/sec:"))
        .context("no rate in wrk's output")?;
    Ok(line.trim().parse()?)
}
