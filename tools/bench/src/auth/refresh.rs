//! Refreshes beside the conditional UPDATE that each of them is, both behind HTTP and driven by the same chains.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::world::{PASSWORD, World};
use super::{ROUNDS, bare, client, row};

/// Where a limit is served, what it is, and which share of it is wanted.
const LIMITS: [(&str, &str, &str); 3] = [
    ("/refresh", "the conditional UPDATE behind a bare handler", "50 %"),
    ("/prepared", "the same, prepared", ""),
    ("/signed", "the same, and one RS256 signature", ""),
];
const LASTS: Duration = Duration::from_secs(5);
/// Sessions that refresh again and again, each with the token that it got last.
const CHAINS: usize = 16;

/// One row for each limit.
pub(super) async fn measure(world: &World) -> Result<Vec<Vec<String>>> {
    let (mut tokens, mut sessions) = (Vec::new(), Vec::new());
    for number in 0..CHAINS {
        let login = world.login(number, PASSWORD).await.expect(200);
        tokens.push(login.text_at("/refreshToken"));
        let other = world.login(number, PASSWORD).await.expect(200);
        sessions.push(other.text_at("/sessionId"));
    }
    let address = bare::serve(&world.service.database().superuser_url())?;
    let own = world.url("/api/v1/auth/refresh");
    let (mut ours, mut theirs) = (Vec::new(), LIMITS.map(|_| Vec::new()));
    for _ in 0..ROUNDS {
        ours.push(drive(&own, &mut tokens, |token| json!({ "refreshToken": token }), "refreshToken").await?);
        for ((path, ..), rates) in LIMITS.iter().zip(&mut theirs) {
            let bare = format!("http://{address}{path}");
            rates
                .push(drive(&bare, &mut sessions, |session| json!({ "session": session }), "session").await?);
        }
    }
    let rows = LIMITS.iter().zip(theirs);
    Ok(rows
        .map(|((_, what, goal), rates)| row("`POST /auth/refresh`", ours.clone(), what, rates, goal))
        .collect())
}

/// Each chain shows what it got last.
async fn drive(
    url: &str,
    links: &mut [String],
    body: impl Fn(&str) -> Value + Copy,
    member: &str,
) -> Result<f64> {
    let client = client()?;
    let begun = Instant::now();
    let chains = links.iter_mut().map(|link| {
        let client = client.clone();
        async move {
            let mut done = 0_u32;
            while begun.elapsed() < LASTS {
                let answer = client.post(url).json(&body(link)).send().await?;
                ensure!(answer.status() == 200, "{url}: {}", answer.status());
                let answer: Value = answer.json().await?;
                *link = answer[member].as_str().context("no link to go on with")?.to_owned();
                done += 1;
            }
            Ok(done)
        }
    });
    let done: u32 = try_join_all(chains).await?.into_iter().sum();
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}
