//! Two thousand answers at a time, each from a provider over a connection of its own. The service is a process of its own, so
//! that its memory is not the client's or the provider's.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tokio::time::sleep;
use witan_council::Council;
use witan_ids::UserId;
use witan_testkit::{Client, Dialect, ServiceProcess, TestService, Upstream};

use super::service;
use crate::table;

const STREAMS: usize = 2000;
/// At once while they are opened: what a crowd of people does, not one loop.
const OPENING: usize = 64;
/// Of a word, as a model writes.
const PACE: Duration = Duration::from_millis(250);
const WORDS: usize = 240;
const WATCHED: Duration = Duration::from_secs(20);
/// More than all of it takes.
const LONGEST: Duration = Duration::from_secs(600);

pub(super) async fn print() -> Result<()> {
    let upstream = Upstream::start().await;
    upstream.pace(PACE);
    upstream.say(&vec!["word"; WORDS].join(" "));
    let model = json!({ "id": "test/m", "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) });
    let mut service = service(&[model]).await;
    service.halt().await;
    let process = service.process(program()?).await;
    let person = person(&service, &process);
    // The first ones fill pools and caches.
    drop(open(&person, OPENING).await?);
    sleep(Duration::from_secs(2)).await;
    let before = resident(process.pid())?;
    let began = Instant::now();
    let opened = open(&person, STREAMS).await?;
    let took = began.elapsed();
    let (first, answers): (Vec<f64>, Vec<reqwest::Response>) = opened.into_iter().unzip();
    let watched = tokio::join!(watch(answers), async {
        sleep(WATCHED / 2).await;
        resident(process.pid())
    });
    let (words, during) = (watched.0?, watched.1?);
    row(first, took, words, during - before);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
fn row(mut first: Vec<f64>, took: Duration, words: usize, kilobytes: f64) {
    first.sort_by(f64::total_cmp);
    let due = STREAMS as f64 * WATCHED.as_secs_f64() / PACE.as_secs_f64();
    let row = vec![
        STREAMS.to_string(),
        format!("{:.0} KB", kilobytes / STREAMS as f64),
        "64 KB".to_owned(),
        format!("{:.1} s", took.as_secs_f64()),
        format!("{:.0} ms", table::quantile(&first, 0.5)),
        format!("{:.0} ms", table::quantile(&first, 0.99)),
        format!("{:.0} %", words as f64 / due * 100.0),
    ];
    let head = [
        "streams at a time",
        "memory of each",
        "goal, under",
        "all opened in",
        "first word p50",
        "p99",
        "words that came of those due",
    ];
    let title = format!("Streams of `/v1/chat/completions`, a word every {} ms", PACE.as_millis());
    table::print(&title, &head, &[row]);
}

/// Opens streams and waits for the first words of each; gives how long each took, in milliseconds.
async fn open(person: &Client, count: usize) -> Result<Vec<(f64, reqwest::Response)>> {
    stream::iter(0..count).map(|_| one(person)).buffer_unordered(OPENING).try_collect().await
}

async fn one(person: &Client) -> Result<(f64, reqwest::Response)> {
    let body = json!({ "model": "test/m", "stream": true,
        "messages": [{ "role": "user", "content": "How long is our runway?" }] });
    let began = Instant::now();
    let request = person.request(reqwest::Method::POST, "/v1/chat/completions").json(&body);
    let request = request.timeout(LONGEST);
    let mut answer = request.send().await?;
    ensure!(answer.status().is_success(), "{}", answer.status());
    loop {
        let chunk = answer.chunk().await?.context("a stream that ended at once")?;
        if String::from_utf8_lossy(&chunk).contains("word") {
            return Ok((began.elapsed().as_secs_f64() * 1000.0, answer));
        }
    }
}

/// Reads all of them for a while, and counts words.
async fn watch(answers: Vec<reqwest::Response>) -> Result<usize> {
    let until = tokio::time::Instant::now() + WATCHED;
    let read = answers.into_iter().map(|mut answer| async move {
        let mut words = 0;
        while let Ok(chunk) = tokio::time::timeout_at(until, answer.chunk()).await {
            let chunk = chunk?.context("a stream that ended early")?;
            words += String::from_utf8_lossy(&chunk).matches("word").count();
        }
        anyhow::Ok(words)
    });
    Ok(try_join_all(read).await?.into_iter().sum())
}

fn person(service: &TestService<Council>, process: &ServiceProcess) -> Client {
    let user = UserId::generate(service.clock());
    service.peers().admin(user, service.workspace);
    process.person(user, None).in_workspace(service.workspace)
}

/// `./scripts/bench` builds it beside this program.
fn program() -> Result<std::path::PathBuf> {
    let program = std::env::current_exe()?.with_file_name("witan-council");
    ensure!(program.exists(), "{} is not there: run ./scripts/bench", program.display());
    Ok(program)
}

/// Kilobytes that a process has in memory.
fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
