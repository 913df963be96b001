//! What our API adds to a call of a model, beside the same call made directly; and how soon a call is given up when its
//! reader leaves.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::StreamExt as _;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use witan_access::Scope;
use witan_council::Council;
use witan_testkit::{Behaviour, Dialect, TestService, Upstream};

use crate::bare::WORKERS;
use crate::table;

const ROUNDS: usize = 21;
/// Of a round, with a model that answers at once, which leaves what goes on beside the call no time,
const CALLS: usize = 200;
/// and with one that takes this long, as the fastest do.
const THINKS: Duration = Duration::from_millis(20);
const THOUGHTFUL_CALLS: usize = 40;
const LEFT: usize = 100;

/// Prints the tables.
pub(crate) async fn measure() -> Result<()> {
    let upstream = Upstream::start().await;
    upstream.say("Eighteen months, because raising takes six and something always goes wrong.");
    let service = service(&upstream).await;
    let user = service.member().user.context("somebody")?;
    let (key, _) = service.api_key(user, Some(service.workspace), &[Scope::Agents]);
    let key = key.api_key().context("a key")?.to_owned();
    #[expect(clippy::disallowed_methods, reason = "the client of both sides")]
    let client = Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let direct = client.post(format!("{}/chat/completions", upstream.url(Dialect::OpenAi)));
    let path = "/v1/chat/completions";
    let url = service.anon().request(reqwest::Method::POST, path).build()?.url().clone();
    let through = client.post(url).bearer_auth(key);
    let mut rows = Vec::new();
    for (takes, behaviour, calls) in
        [("nothing", Behaviour::Well, CALLS), ("20 ms", Behaviour::SlowStart(THINKS), THOUGHTFUL_CALLS)]
    {
        upstream.behave(behaviour);
        for (until, stream) in [("whole answer", false), ("first words", true)] {
            rows.push(
                [&[takes.to_owned(), until.to_owned()], &added(&direct, &through, stream, calls).await?[..]]
                    .concat(),
            );
        }
    }
    let head = [
        "the model takes",
        "until",
        "directly p50",
        "through p50",
        "added p50",
        "goal",
        "directly p99",
        "through p99",
        "added p99",
        "goal",
    ];
    let title = format!(
        "A call of a plain model through `{path}` with authentication, limits and usage ({ROUNDS} rounds in turns of {CALLS} \
         or {THOUGHTFUL_CALLS} calls, medians of the rounds)"
    );
    table::print(&title, &head, &rows);
    left(&upstream, &through).await
}

async fn service(upstream: &Upstream) -> TestService<Council> {
    let model = json!([{ "id": "test/m", "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) }]);
    TestService::<Council>::start_with(|builder| {
        let builder = builder.env("LLM_MODELS", model.to_string()).env("WITAN_LOG", "error");
        let builder = builder.env("WITAN_WORKERS", WORKERS.to_string());
        // Held against limits, which nobody reaches.
        ["GENERAL", "API", "AUTH"]
            .iter()
            .fold(builder, |builder, class| builder.env(&format!("RATE_LIMIT_{class}"), "100000000"))
    })
    .await
}

fn body(model: &str, stream: bool) -> Value {
    json!({ "model": model, "stream": stream, "messages": [{ "role": "user", "content": "How long is our runway?" }] })
}

/// A row: rounds of one and of the other in turns, so that a slow moment of the machine hits both.
async fn added(
    direct: &RequestBuilder,
    through: &RequestBuilder,
    stream: bool,
    calls: usize,
) -> Result<Vec<String>> {
    let [mut direct_50, mut direct_99, mut through_50, mut through_99] = [const { Vec::new() }; 4];
    for round in 0..=ROUNDS {
        let plain = round_of(direct, &body("m", stream), calls).await?;
        let ours = round_of(through, &body("test/m", stream), calls).await?;
        // The first warms both up.
        if round > 0 {
            direct_50.push(table::quantile(&plain, 0.5));
            direct_99.push(table::quantile(&plain, 0.99));
            through_50.push(table::quantile(&ours, 0.5));
            through_99.push(table::quantile(&ours, 0.99));
        }
    }
    let medians = [direct_50, through_50, direct_99, through_99].map(table::median);
    let millis = |value: f64| format!("{value:.2} ms");
    let [a, b, c, d] = medians;
    Ok(vec![
        millis(a),
        millis(b),
        millis(b - a),
        "1 ms".to_owned(),
        millis(c),
        millis(d),
        millis(d - c),
        "3 ms".to_owned(),
    ])
}

/// The times of calls one after the other, sorted.
async fn round_of(request: &RequestBuilder, body: &Value, calls: usize) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let began = Instant::now();
        let answer = request.try_clone().context("a body of its own")?.json(body).send().await?;
        ensure!(answer.status().is_success(), "{}: {}", answer.status(), answer.text().await?);
        if body["stream"] == true {
            let mut chunks = answer.bytes_stream();
            let mut seen = String::new();
            while !seen.contains("Eighteen") {
                let chunk = chunks.next().await.context("no words")??;
                seen.push_str(&String::from_utf8_lossy(&chunk));
            }
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            // To its end, so that the connection can be used again.
            while chunks.next().await.is_some() {}
        } else {
            answer.bytes().await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// How long a provider is listened to after the reader of a stream has left.
async fn left(upstream: &Upstream, through: &RequestBuilder) -> Result<()> {
    upstream.behave(Behaviour::Endless);
    upstream.pace(Duration::from_millis(20));
    let (mut waits, before) = (Vec::new(), upstream.closed());
    for round in 1..=LEFT {
        let request = through.try_clone().context("a body of its own")?;
        let mut answer = request.json(&body("test/m", true)).send().await?;
        answer.chunk().await?;
        let began = Instant::now();
        drop(answer);
        upstream.wait_closed(before + round).await;
        waits.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    waits.sort_by(f64::total_cmp);
    let of = |share: f64| format!("{:.0} ms", table::quantile(&waits, share));
    let row = vec![LEFT.to_string(), of(0.5), of(0.99), "250 ms".to_owned()];
    table::print(
        "From the end of a reader to the end of the call, words every 20 ms",
        &["streams", "p50", "p99", "goal, p99 under"],
        &[row],
    );
    Ok(())
}
